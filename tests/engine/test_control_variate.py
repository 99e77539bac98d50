"""The control variate: its expectation is exact, its correction unbiased, and it pays."""

import itertools

import numpy as np
import pytest
import scipy.stats

import sgdtheory as st
from sgdtheory.errors import DomainError
from sgdtheory.numeric.batch_noise import batch_share
from sgdtheory.numeric.engine.control_variate import corrected, expected_products
from sgdtheory.numeric.engine.linear_step import transition
from sgdtheory.numeric.engine.statistics import JointSums
from sgdtheory.numeric.engine.witness import agreement
from sgdtheory.processes.update import update

KNOBS = [(0.0, False), (0.75, False), (0.75, True)]
RNG = np.random.default_rng(2)
X, Y = RNG.integers(-8, 9, size=(6, 2)) / 4, RNG.integers(-8, 9, size=6) / 4
PROBLEM = st.LeastSquares(X, Y, ridge=0.25)


def gradients():
    return X * (X @ PROBLEM.minimum - Y)[:, None] + 0.25 * PROBLEM.minimum


def products_by_enumeration(optimizer, looks, lags):
    """E[y(t + lag) y(t)'] from every possible batch, by the update itself: moments of (y, velocity), one by one."""
    m, H = optimizer.batch_size, PROBLEM.hessian
    choose = itertools.product if optimizer.sampling == "replacement" else itertools.combinations
    batches = list(choose(range(6), repeat=m) if choose is itertools.product else choose(range(6), m))
    noises = np.array([gradients()[list(batch)].mean(axis=0) for batch in batches])
    knobs = {"learning_rate": optimizer.learning_rate, "momentum": optimizer.momentum, "nesterov": optimizer.nesterov}

    def step(z, noise):
        y, v = z[:2], z[2:]
        return np.concatenate(update(y, v, H @ y + noise, **knobs))

    A = np.column_stack([step(unit, np.zeros(2)) for unit in np.eye(4)])
    pushes = np.array([step(np.zeros(4), noise) for noise in noises])
    second, seen = np.zeros((4, 4)), {}
    for t in range(max(looks) + 1):
        if t in looks:
            seen[t] = [(np.linalg.matrix_power(A, lag) @ second)[:2, :2] for lag in (0, *lags)]
        second = A @ second @ A.T + pushes.T @ pushes / len(pushes)
    return np.mean([seen[t] for t in looks], axis=0)


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
@pytest.mark.parametrize(("momentum", "nesterov"), KNOBS)
def test_the_companions_moments_are_exact(momentum, nesterov, sampling):
    optimizer = st.SGD(0.125, 2, momentum=momentum, nesterov=nesterov, sampling=sampling)
    noise = float(batch_share(PROBLEM, optimizer)) * gradients().T @ gradients() / 6
    for first, looks, stride, lags in ((0, 1, 1, ()), (3, 5, 4, (1, 3)), (11, 2, 7, (2,))):
        found = expected_products(PROBLEM.hessian, noise, optimizer, first, looks, stride, lags)
        times = [first + look * stride for look in range(looks)]
        exact = products_by_enumeration(optimizer, times, lags)
        np.testing.assert_allclose(found, exact, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize(("momentum", "nesterov"), KNOBS)
def test_a_flat_direction_and_a_million_steps_are_no_trouble(momentum, nesterov):
    """Without curvature y is a sum of noise: its variance grows linearly; with curvature it becomes stationary."""
    optimizer = st.SGD(0.125, 1, momentum=momentum, nesterov=nesterov)
    steps = 10**6
    (found,) = expected_products(np.diag([0.0, 1.0]), np.eye(2), optimizer, steps, 1, 1, ())
    A, b = transition(np.array([1.0]), optimizer)
    joint = np.linalg.solve(np.eye(len(b) ** 2) - np.kron(A[0], A[0]), np.outer(b, b).ravel())
    assert found[1, 1] == pytest.approx(joint[0], rel=1e-12)
    assert found[0, 0] == pytest.approx((0.125 / (1 - momentum)) ** 2 * steps, rel=1e-4)
    assert abs(found[0, 1]) < 1e-12


def test_a_correction_is_the_regression_of_textbooks():
    rng = np.random.default_rng(0)
    control = rng.normal(size=(2, 50))
    value = 3 * control + 0.1 * rng.normal(size=(2, 50)) + 7
    exact = np.array([0.1, -0.2])
    means, covariance = corrected(JointSums.of(value, control), exact[None])
    for i in range(2):
        fit = scipy.stats.linregress(control[i], value[i])
        assert means[0, i] == pytest.approx(fit.intercept + fit.slope * exact[i], rel=1e-12)
        residual = value[i] - fit.intercept - fit.slope * control[i]
        assert covariance[0, 0, i] == pytest.approx(residual @ residual / 48, rel=1e-9)
    # A companion that does not move corrects nothing.
    means, covariance = corrected(JointSums.of(value, 0 * control), 0 * exact[None])
    np.testing.assert_allclose(means[0], value.mean(axis=1), rtol=1e-14)


def exact_covariance(optimizer):
    """The stationary second moment with real batches, curvature included, from all of them."""
    m, H = optimizer.batch_size, PROBLEM.hessian
    choose = itertools.product if optimizer.sampling == "replacement" else itertools.combinations
    batches = list(choose(range(6), repeat=m) if choose is itertools.product else choose(range(6), m))
    K, c = np.zeros((16, 16)), np.zeros(16)
    knobs = {"learning_rate": optimizer.learning_rate, "momentum": optimizer.momentum, "nesterov": optimizer.nesterov}
    for batch in map(list, batches):
        curvature = X[batch].T @ X[batch] / m + 0.25 * np.eye(2)
        noise = gradients()[batch].mean(axis=0)

        def step(z, noise, curvature=curvature):
            return np.concatenate(update(z[:2], z[2:], curvature @ z[:2] + noise, **knobs))

        A = np.column_stack([step(unit, np.zeros(2)) for unit in np.eye(4)])
        b = step(np.zeros(4), noise)
        K, c = K + np.kron(A, A), c + np.kron(b, b)
    size = len(batches)
    assert np.abs(np.linalg.eigvals(K / size)).max() < 0.99
    assert H.shape == (2, 2)
    # The mean of (e, velocity) is zero in the stationary state, so the cross terms drop out.
    return np.linalg.solve(np.eye(16) - K / size, c / size).reshape(4, 4)[:2, :2]


CASES = [
    pytest.param(st.SGD(0.05, 1), 6, id="plain"),
    pytest.param(st.SGD(0.05, 2, sampling="without_replacement"), 14, id="subsets"),
    pytest.param(st.SGD(0.02, 2, momentum=0.75, nesterov=True), 9, id="nesterov"),
]


@pytest.mark.parametrize(("optimizer", "factor"), CASES)
def test_corrected_averages_are_unbiased_and_pay(optimizer, factor):
    """z of covariance and loss against enumeration, 256 chains: false alarm 1e-6 in each of five t tests.

    The standard error is below 0.6 %, so a bias of 5 %, the size of what varying curvature adds, is caught for sure.
    The control variate divides the variance of the loss by about ``factor``, of which a third must be seen: the ratio
    of two variances from 64 and 256 chains has a standard deviation of 20 %, so a third is five of them away.
    """
    run = st.simulate(PROBLEM, optimizer, 2500, 256, time_average=True, control_variate=True, backend="numpy")
    exact = exact_covariance(optimizer)
    critical = -scipy.stats.t.ppf(5e-7, 62)
    assert np.abs((run.covariance - exact) / run.covariance_standard_error).max() < critical
    loss = np.trace(PROBLEM.hessian @ exact) / 2
    assert abs(run.excess_loss - loss) / run.excess_loss_standard_error < critical
    assert run.excess_loss_standard_error / loss < 0.006
    assert run.control_variate
    witness = run.witness
    assert witness.replicas == 64
    assert not witness.control_variate
    assert witness.steps == run.steps
    np.testing.assert_array_equal(witness.start, run.start)
    gain = witness.excess_loss_standard_error**2 * 64 / (run.excess_loss_standard_error**2 * 256)
    assert gain > factor / 3
    z, allowed = agreement(run, witness)
    assert z <= allowed
    assert "agrees" in repr(run)
    assert run.notes == () or "second moments" in run.notes[0]


def test_last_states_can_be_corrected_too():
    """After 40 steps from a start away from the minimum, all averages agree with those of ten times as many replicas.

    Within five standard errors of the difference, twelve comparisons: false alarm 1e-5. The error of the variance falls
    by the number of replicas alone to 1/sqrt(10); the control variate must make up for at least 1.5 of that.
    """
    optimizer, start, lags = st.SGD(0.1, 2), [1.0, -1.0], (3,)
    run = st.simulate(PROBLEM, optimizer, 40, 4000, start=start, control_variate=True, lags=lags, backend="numpy")
    plain = st.simulate(PROBLEM, optimizer, 40, 40_000, start=start, lags=lags, seed=1, backend="numpy")
    for name in ("mean", "covariance", "lagged_covariance", "excess_loss", "gradient_norm_squared"):
        errors = (np.asarray(getattr(each, f"{name}_standard_error")) for each in (run, plain))
        difference = np.abs(getattr(run, name) - np.asarray(getattr(plain, name)))
        assert np.max(difference / np.sqrt(sum(error**2 for error in errors))) < 5, name
    assert run.covariance_standard_error[0, 0] < plain.covariance_standard_error[0, 0] * np.sqrt(10) / 1.5
    assert run.witness.replicas == 500


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
def test_with_one_curvature_the_companion_is_the_run_and_its_law_the_answer(sampling):
    """From the minimum both are the same, so the exact expectation is left, at the very times of looking.

    Soon after the start that depends on each single step: V_t = p c eta^2 (1 + r + ... + r^(t-1)), r = (1 - eta h)^2.
    """
    slopes = np.array([[1.0], [-2.0], [4.0]])
    problem, optimizer = st.QuadraticSums([[2.0]], slopes), st.SGD(0.1, 2, sampling=sampling)
    share = 1 / 2 if sampling == "replacement" else 1 / 4

    def variance(t):
        return share * np.var(slopes) * 0.01 * (1 - 0.64**t) / (1 - 0.64)

    run = st.simulate(
        problem, optimizer, 17, 40, time_average=True, burn_in=2, lags=(3,), control_variate=True, backend="numpy"
    )
    times = range(run.burn_in, 17, 3)
    assert run.burn_in == 2
    assert run.covariance[0, 0] == pytest.approx(np.mean([variance(t) for t in times]), rel=1e-10)
    lagged = 0.8**3 * np.mean([variance(t) for t in times])
    assert run.lagged_covariance[0, 0, 0] == pytest.approx(lagged, rel=1e-10)
    assert run.excess_loss == pytest.approx(run.covariance[0, 0], rel=1e-10)
    last = st.simulate(problem, optimizer, 5, 40, lags=(1, 4), control_variate=True, backend="numpy")
    assert last.covariance[0, 0] == pytest.approx(variance(5), rel=1e-10)
    expected = [0.8 * variance(4), 0.8**4 * variance(1)]
    np.testing.assert_allclose(last.lagged_covariance[:, 0, 0], expected, rtol=1e-10)
    assert last.gradient_norm_squared == pytest.approx(4 * variance(5), rel=1e-10)
    assert last.covariance_standard_error[0, 0] < 1e-8


def test_a_witness_that_disagrees_is_loud():
    """The same run beside a witness of another problem: said in the notes, in str and in repr; no error."""
    from dataclasses import replace

    from sgdtheory.numeric.engine.witness import warning

    run = st.simulate(PROBLEM, st.SGD(0.05, 1), 800, 64, time_average=True, control_variate=True)
    other = st.simulate(PROBLEM, st.SGD(0.07, 1), 800, 64, time_average=True)
    (said,) = warning(run, other)
    assert said.startswith("THE WITNESS DISAGREES")
    assert "1e-06" in said
    loud = replace(run, witness=other, notes=(said,))
    assert "DISAGREES" in repr(loud)
    assert said in str(loud)
    assert warning(run, run.witness) == ()


SHARED = st.QuadraticSums([[2.0, 0.3], [0.3, 1.0]], np.random.default_rng(0).normal(size=(6, 2)))


@pytest.mark.parametrize("start", [None, [3.0, -2.0]])
@pytest.mark.parametrize("mode", [{"time_average": True, "steps": 200}, {"steps": 450}], ids=str)
def test_an_exact_control_variate_has_errors_of_zero_and_true_verdicts(mode, start):
    """Little is left but rounding and what remains of the start: true laws pass, one wrong by 1e-3 does not.

    The witness is a t test at 1e-6, for each of eight seeds.
    """
    optimizer = st.SGD(0.1, 4)
    law = st.stationary_law(SHARED, optimizer)
    noise = np.sqrt(1.001) * SHARED.sample_gradients(SHARED.minimum)
    wrong = st.stationary_law(st.QuadraticSums(SHARED.hessian, SHARED.hessian @ SHARED.minimum - noise), optimizer)
    np.testing.assert_allclose(wrong.covariance, 1.001 * law.covariance, rtol=1e-9)
    np.testing.assert_allclose(wrong.mean, law.mean, rtol=1e-9)
    for seed in range(8):
        run = st.simulate(
            SHARED, optimizer, replicas=64, seed=seed, start=start, control_variate=True, backend="numpy", **mode
        )
        for name in ("mean", "covariance", "excess_loss", "gradient_norm_squared"):
            assert np.all(np.asarray(getattr(run, f"{name}_standard_error")) < 1e-4 * law.excess_loss), name
        assert np.all(run.mean_standard_error < 1e-8)  # the root of what rounding leaves of a variance
        assert run.notes == ()
        assert st.compare(law, run).passed
        assert not st.compare(wrong, run).passed


def test_without_noise_the_witness_agrees():
    """Differences of 1e-30, which are rounding, are no disagreement."""
    run = st.simulate(
        SHARED, st.SGD(0.1, 6, sampling="without_replacement"), 300, 64, start=[1.0, 1.0], control_variate=True
    )
    assert agreement(run, run.witness)[0] == 0
    assert run.notes == ()


def test_a_witness_of_nan_supports_nothing():
    """Lost replicas make every average NaN: neither agreement nor disagreement, and said so."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 2))
    X[0] *= 6
    problem = st.LeastSquares(X, rng.normal(size=20))
    optimizer = st.SGD(0.9 * st.stability_limit(problem, 1, kind="mean"), 1)
    run = st.simulate(
        problem, optimizer, 900, 64, start=[1e3, 1e3], divergence="report", control_variate=True, backend="numpy"
    )
    assert run.diverged is not None
    assert np.isnan(agreement(run, run.witness)[0])
    assert "nothing to compare" in repr(run)
    assert " agrees" not in repr(run)
    assert run.notes[-1].startswith("THE WITNESS CANNOT BE COMPARED")


@pytest.mark.parametrize(
    ("problem", "optimizer", "replicas", "why"),
    [
        (st.Quadratic([[1.0]], [[1.0]]), st.SGD(0.1, 1), 100, "the run itself"),
        (PROBLEM, st.SGD(0.1, 2, sampling="reshuffle"), 100, "shuffled epochs"),
        (PROBLEM, st.SGD(0.1, 2), 31, "too few replicas"),
    ],
)
def test_what_has_no_control_variate_says_so(problem, optimizer, replicas, why):
    with pytest.raises(DomainError, match=why):
        st.simulate(problem, optimizer, 10, replicas, control_variate=True)
