"""Time averages over independent chains: their values, their errors, and when they may begin."""

import re

import numpy as np
import pytest
import scipy.linalg

import sgdtheory as st
from sgdtheory.errors import DomainError, NotStationaryError, StabilityError
from sgdtheory.numeric.engine import burn_in
from sgdtheory.numeric.engine.burn_in import LEFT, settling_of
from sgdtheory.numeric.engine.model import model_of
from sgdtheory.numeric.engine.plan import averaging, stride_of
from sgdtheory.numeric.engine.run_block import chain_statistics
from sgdtheory.numeric.engine.statistics import merge_all
from sgdtheory.numeric.engine.summary import covariance_of

H, C = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[2.0, 0.75], [0.75, 1.0]])
PROBLEM = st.Quadratic(H, C, minimum=[1.0, -2.0])
RNG = np.random.default_rng(4)
DATA = st.LeastSquares(RNG.normal(size=(12, 2)), RNG.normal(size=12))
BACKEND = "numpy"


def exact(optimizer, lags=()):
    """The stationary covariance and lagged ones of PROBLEM, momentum included, from the joint Lyapunov equation."""
    rate, beta, m = optimizer.learning_rate, optimizer.momentum, optimizer.batch_size
    extra, weight = (beta, 1 + beta) if optimizer.nesterov else (1, 1)
    one = np.eye(2)
    A = np.block([[one - rate * weight * H, -rate * beta * extra * one], [H, beta * one]])
    b = np.vstack([-rate * weight * one, one])
    joint = scipy.linalg.solve_discrete_lyapunov(A, b @ (C / m) @ b.T, method="direct")
    return np.stack([(np.linalg.matrix_power(A, lag) @ joint)[:2, :2] for lag in (0, *lags)])


@pytest.mark.parametrize(
    "optimizer", [st.SGD(0.1, 4), st.SGD(0.05, 4, momentum=0.75), st.SGD(0.05, 4, momentum=0.75, nesterov=True)]
)
def test_averages_are_the_stationary_ones(optimizer):
    """Covariance, two lagged ones, loss, gradient norm and mean: z below 6 of 256 chains, false alarm about 1e-7 each.

    The standard error of the loss is below 1 %, so an average that is off by 10 %, such as one that begins too
    early, is caught with probability above 0.999.
    """
    run = st.simulate(PROBLEM, optimizer, 1500, 256, start=[9.0, 9.0], time_average=True, lags=(2, 7), backend=BACKEND)
    covariance, *lagged = exact(optimizer, (2, 7))
    assert np.abs((run.covariance - covariance) / run.covariance_standard_error).max() < 6
    assert np.abs((run.lagged_covariance - lagged) / run.lagged_covariance_standard_error).max() < 6
    assert np.abs((run.mean - PROBLEM.minimum) / run.mean_standard_error).max() < 6
    for name, M in (("excess_loss", H / 2), ("gradient_norm_squared", H @ H)):
        error = getattr(run, f"{name}_standard_error")
        assert abs(getattr(run, name) - np.trace(M @ covariance)) < 6 * error
    assert run.excess_loss_standard_error < 0.01 * run.excess_loss
    assert run.time_average
    assert run.lags == (2, 7)
    assert run.curve_steps[-1] == run.burn_in < 300
    assert run.curve_loss[0] == pytest.approx(PROBLEM.loss([9.0, 9.0]))


def test_standard_errors_are_the_scatter_of_independent_runs():
    """60 runs of 32 chains: the variance of each average against the mean of its squared standard errors.

    Each ratio is a mean of 60 squares, of standard deviation 0.18, correlated within a run: between 0.3 and 2.2 with
    false alarm below 1e-6. Treating looks as independent would give about 8.
    """
    optimizer = st.SGD(0.1, 4)
    runs = [
        st.simulate(PROBLEM, optimizer, 300, 32, time_average=True, lags=(3,), seed=seed, backend=BACKEND)
        for seed in range(60)
    ]
    for name in ("mean", "covariance", "lagged_covariance", "excess_loss", "gradient_norm_squared"):
        seen = np.var([getattr(run, name) for run in runs], axis=0, ddof=1)
        stated = np.mean([np.square(getattr(run, f"{name}_standard_error")) for run in runs], axis=0)
        ratio = seen / stated
        assert np.min(ratio) > 0.3, name
        assert np.max(ratio) < 2.2, name


def test_one_look_of_each_chain_gives_the_usual_covariance():
    """Means far from zero and products that are correlated with them: the unbiased covariance, and its error."""
    rng = np.random.default_rng(1)
    x = rng.exponential(size=(2, 500)) + np.array([[3.0], [-2.0]])
    y = x + rng.normal(size=(2, 500)) + 5
    products = np.stack([x[:, None] * x[None], x[:, None] * y[None]])
    sums = merge_all(
        [
            chain_statistics(H, (products[..., part], x[:, part], np.stack([x, y])[..., part]))["products"]
            for part in (slice(0, 100), slice(100, 500))
        ]
    )
    covariance, error = covariance_of(sums, None)
    u, v = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    for place, other in enumerate((u, v)):
        np.testing.assert_allclose(covariance[place], u @ other.T / 499, rtol=1e-10)
        scatter = (u[:, None] * other[None]).std(axis=-1, ddof=1)
        np.testing.assert_allclose(error[place], scatter / np.sqrt(500), rtol=1e-10)


def test_chains_far_from_the_minimum_in_the_mean_keep_their_errors():
    """Shuffled epochs have a mean and phases of their own; two runs with other seeds agree (six comparisons, 1e-6)."""
    optimizer = st.SGD(0.2, 5, sampling="reshuffle")
    runs = [st.simulate(DATA, optimizer, 600, 400, time_average=True, seed=s, backend=BACKEND) for s in (0, 1)]
    for name in ("mean", "covariance", "excess_loss"):
        errors = (np.asarray(getattr(run, f"{name}_standard_error")) for run in runs)
        difference = np.abs(np.asarray(getattr(runs[0], name)) - getattr(runs[1], name))
        assert np.max(difference / np.sqrt(sum(error**2 for error in errors))) < 5.5
    assert any("fresh subsets" in note for note in runs[0].notes)


def test_looks_of_shuffled_epochs_see_every_place_of_an_epoch_alike():
    for batch in (1, 3, 4, 5, 12):
        optimizer = st.SGD(0.2, batch, sampling="reshuffle")
        steps_of_epoch = -(-12 // batch)
        for lags in ((), (2,), (3, 6)):
            looks = averaging(model_of(DATA, optimizer), optimizer, 2000, 100, lags, False)
            places = [(looks.burn_in + look * looks.stride) % steps_of_epoch for look in range(looks.looks)]
            assert (np.bincount(places, minlength=steps_of_epoch) == looks.looks / steps_of_epoch).all()
            assert looks.burn_in + looks.looks * looks.stride == 2000
            assert looks.burn_in >= 100


@pytest.mark.parametrize(("size", "batch_size"), [(100, 1), (64, 1), (100, 7), (30, 30)])
@pytest.mark.parametrize("lags", [(), (10,)])
def test_the_steps_that_shuffled_epochs_ask_for_are_enough(size, batch_size, lags):
    """And no more are asked for than every place of an epoch needs, at the least stride that visits them all."""
    problem = st.LeastSquares(RNG.normal(size=(size, 2)), RNG.normal(size=size))
    optimizer = st.SGD(0.001, batch_size, sampling="reshuffle")
    model, whole = model_of(problem, optimizer), -(-size // batch_size)
    with pytest.raises(DomainError) as error:
        averaging(model, optimizer, 50, 50, lags, False)
    needed = int(re.search(r"at least (\d+)", error.value.allowed)[1])
    least = next(stride for stride in range(max((1, *lags)), 200) if np.gcd(stride, whole) == 1)
    assert needed == 50 + whole * least
    for steps in (needed, needed + 1, 2 * needed, 10 * needed):
        looks = averaging(model, optimizer, steps, 50, lags, False)
        assert looks.looks % whole == 0
        assert np.gcd(looks.stride, whole) == 1
        assert looks.burn_in >= 50
    with pytest.raises(DomainError, match="at least"):
        averaging(model, optimizer, needed - 1, 50, lags, False)


# The burn-in.


@pytest.mark.parametrize("start", [[1.0, -2.0], [300.0, 50.0]])
@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.9, False), (0.9, True)])
def test_the_burn_in_is_what_the_exact_recursion_needs(start, momentum, nesterov):
    """What the exact recursion has left of the start after the burn-in is below 1e-5; after half of it, above."""
    optimizer = st.SGD(0.05, 4, momentum=momentum, nesterov=nesterov)
    extra, weight = (momentum, 1 + momentum) if nesterov else (1, 1)
    one, offset = np.eye(2), np.array(start) - PROBLEM.minimum
    A = np.block([[one - 0.05 * weight * H, -0.05 * momentum * extra * one], [H, momentum * one]])
    b = np.vstack([-0.05 * weight * one, one])
    final = scipy.linalg.solve_discrete_lyapunov(A, b @ (C / 4) @ b.T, method="direct")
    begin = np.zeros((4, 4))
    begin[:2, :2] = np.outer(offset, offset)

    def left(steps):
        power = np.linalg.matrix_power(A, steps)
        return np.abs((power @ (begin - final) @ power.T)[:2, :2]).max() / np.diagonal(final)[:2].min()

    steps = settling_of(PROBLEM, optimizer, offset).steps()
    assert left(steps) < 4 * LEFT
    assert left(steps // 2) > 4 * LEFT


def test_varying_curvature_settles_at_the_rate_of_its_second_moments():
    """Near the limit of mean-square stability the second moments forget far more slowly than the mean."""
    mean = settling_of(st.Quadratic(DATA.hessian, DATA.noise), st.SGD(0.3, 1), np.zeros(2))
    second = settling_of(DATA, st.SGD(0.3, 1), np.zeros(2))
    X = DATA.X
    K = np.mean([np.kron(M, M) for M in np.eye(2) - 0.3 * X[:, :, None] * X[:, None]], axis=0)
    radius = np.abs(np.linalg.eigvals(K)).max()
    assert second.mean_square.rate == pytest.approx(radius, rel=1e-9)
    assert second.steps() == pytest.approx(np.log(LEFT) / np.log(radius), rel=0.05)
    assert second.steps() > mean.steps()
    assert second.note == ""


def test_a_burn_in_that_is_not_assured_says_so():
    wide = st.LeastSquares(RNG.normal(size=(30, 9)), RNG.normal(size=30))
    for momentum in (0.0, 0.5):
        assert settling_of(wide, st.SGD(0.01, 1, momentum=momentum), np.zeros(9)).note == ""
    wider = st.LeastSquares(RNG.normal(size=(140, 129)), RNG.normal(size=140))
    unknown = settling_of(wider, st.SGD(0.001, 1, momentum=0.5), np.zeros(129))
    assert unknown.mean_square is None
    assert unknown.note.startswith("THE BURN-IN IS A GUESS")


def transient(problem, optimizer, offset, steps):
    """E[e e'] after these steps, from the second moment of (e, velocity, 1) over all batches of one sample."""
    d = problem.dimension
    one, zero, column = np.eye(d), np.zeros((d, d)), np.zeros((d, 1))
    maps = []
    for x, y in zip(problem.X, problem.y, strict=True):
        curvature = np.outer(x, x) + problem.ridge * one
        slope = (x * (x @ problem.minimum - y) + problem.ridge * problem.minimum)[:, None]
        velocity = np.hstack([curvature, optimizer.momentum * one, slope])
        unit = np.zeros((1, 2 * d + 1))
        unit[0, -1] = 1
        rows = np.hstack([one, zero, column]) - optimizer.learning_rate * velocity
        maps.append(np.vstack([rows, velocity, unit]))
    K = np.mean([np.kron(M, M) for M in maps], axis=0)
    z = np.concatenate([offset, np.zeros(d), [1.0]])
    return (np.linalg.matrix_power(K, steps) @ np.outer(z, z).ravel()).reshape(2 * d + 1, -1)[:d, :d]


@pytest.mark.parametrize(("momentum", "written_out"), [(0.0, True), (0.0, False), (0.8, True), (0.8, False)])
@pytest.mark.parametrize("far", [0.0, 1e3])
def test_varying_curvature_leaves_no_more_than_stated(momentum, far, written_out, monkeypatch):
    """Exact recursions of heavy-tailed data: below 1e-5 of the start is left after the burn-in, and after a third of it
    more. Curvature and gradient are correlated, so that a far start is felt for as long as the mean, not its square.
    """
    if not written_out:
        monkeypatch.setattr(burn_in, "LARGEST_MATRIX", 0)
    for seed in range(6):
        rng = np.random.default_rng(seed)
        problem = st.LeastSquares(rng.standard_t(2.5, size=(6, 2)), rng.normal(size=6), ridge=0.05)
        sharpest = (problem.X**2).sum(axis=1).max()
        optimizer, offset = st.SGD((1 - momentum) / sharpest, 1, momentum=momentum), far * rng.normal(size=2)
        settling = settling_of(problem, optimizer, offset)
        assert (type(settling.mean_square).__name__ == "WrittenOut") is written_out
        steps = settling.steps()
        final = transient(problem, optimizer, 0 * offset, 20 * steps)
        vectors = np.linalg.eigh(problem.hessian)[1]

        def left(steps):
            seen = transient(problem, optimizer, offset, steps) - final  # noqa: B023
            return np.abs(np.diagonal(vectors.T @ seen @ vectors) / np.diagonal(vectors.T @ final @ vectors)).max()  # noqa: B023

        assert left(steps) <= LEFT, seed
        assert left(steps // 3) > LEFT, seed


def test_too_few_steps_say_how_many_are_needed():
    with pytest.raises(DomainError, match="at least") as error:
        st.simulate(PROBLEM, st.SGD(0.01, 4), 100, 10, time_average=True, backend=BACKEND)
    needed = int(re.search(r"at least (\d+)", error.value.allowed)[1])
    assert st.simulate(PROBLEM, st.SGD(0.01, 4), needed, 10, time_average=True, backend=BACKEND).burn_in < needed
    with pytest.raises(DomainError, match="at least"):
        st.simulate(PROBLEM, st.SGD(0.01, 4), needed - 1, 10, time_average=True, backend=BACKEND)
    assert st.simulate(PROBLEM, st.SGD(0.01, 4), 10, 10, time_average=True, burn_in=0, backend=BACKEND).burn_in == 0


def test_what_never_settles_has_no_time_average():
    with pytest.raises(StabilityError, match="never becomes stationary"):
        st.simulate(PROBLEM, st.SGD(1.5, 4), 100, 10, time_average=True)
    unstable = st.SGD(0.99 * st.stability_limit(DATA, 1, kind="mean"), 1)
    with pytest.raises(StabilityError, match="never becomes stationary"):
        st.simulate(DATA, unstable, 100, 10, time_average=True)
    flat = st.LeastSquares([[1.0, 0.0], [2.0, 0.0]], [1.0, 1.0])
    # Without noise or a start in it, nothing moves along the flat direction.
    assert st.simulate(flat, st.SGD(0.1, 1), 400, 10, time_average=True).mean[1] == 0
    with pytest.raises(StabilityError, match="never becomes stationary"):
        st.simulate(flat, st.SGD(0.1, 1), 400, 10, start=[0.0, 1.0], time_average=True)


def test_compare_judges_time_averages_by_their_own_errors_and_burn_in():
    """A true law passes (false alarm 1e-6 by construction); a run that begins too early is refused, with the mend."""
    optimizer, law = st.SGD(0.1, 4), st.stationary_law(PROBLEM, st.SGD(0.1, 4))
    good = st.simulate(PROBLEM, optimizer, 1000, 256, start=[5.0, 5.0], time_average=True, backend=BACKEND)
    report = st.compare(law, good)
    assert report.passed
    assert not report.exact_null
    assert any("averages over time" in note for note in report.notes)
    wrong = st.stationary_law(st.Quadratic(H, 1.08 * C, minimum=PROBLEM.minimum), optimizer)
    report = st.compare(wrong, good)
    assert report.power["excess_loss"] > 0.5 or report.power["covariance"] > 0.5
    early = st.simulate(PROBLEM, optimizer, 1000, 256, start=[5.0, 5.0], time_average=True, burn_in=5, backend=BACKEND)
    with pytest.raises(NotStationaryError, match="burn-in of 5 steps") as error:
        st.compare(law, early)
    needed = int(re.search(r"burn_in=(\d+)", error.value.mend)[1])
    later = st.simulate(
        PROBLEM, optimizer, 1000, 256, start=[5.0, 5.0], time_average=True, burn_in=needed, backend=BACKEND
    )
    assert st.compare(law, later).passed
    # A law after so many steps is not what a time average shows, and the report says so.
    transient = st.compare(st.transient_law(PROBLEM, optimizer, [5.0, 5.0], 1000), good)
    assert any("averages over steps" in note for note in transient.notes)


def test_strides_keep_adding_up_cheap():
    rng = np.random.default_rng(0)
    wide = st.LeastSquares(rng.normal(size=(80, 40)), rng.normal(size=80))

    def stride(problem, rate, batch_size, companion=False):
        optimizer = st.SGD(rate, batch_size)
        return stride_of(model_of(problem, optimizer), optimizer, companion)

    assert stride(wide, 0.1, 1) == 20
    assert stride(wide, 0.1, 64) == 1
    assert stride(wide, 1e-4, 1) == 320  # neighbours are alike
    assert stride(DATA, 0.5, 1) == 1
    assert stride(DATA, 0.001, 1) == 16
    assert stride(DATA, 0.001, 1, companion=True) == 13
    sharpest = np.linalg.eigvalsh(DATA.hessian)[-1]
    assert stride(DATA, 0.05, 1) == int(1 / (4 * 0.05 * sharpest)) > 1  # x = 1/2
