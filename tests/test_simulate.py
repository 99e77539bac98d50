"""The simulator: its map pathwise, its sampler by exact laws of counts, its averages by their exact distributions.

Statistical tests run with fixed seeds, so each can fail only once in its life by bad luck: with the stated probability.
"""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
import scipy.stats

import sgdtheory as st
from sgdtheory.errors import StabilityError
from sgdtheory.numeric.engine.model import model_of
from sgdtheory.numeric.engine.numpy_block import NumpyBlock
from sgdtheory.numeric.engine.plan import block_sizes, recorded_steps
from sgdtheory.numeric.sampling import IndexSampler, square_root
from sgdtheory.processes import additive_noise, least_squares
from sgdtheory.processes.update import update

H, C = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[2.0, 0.75], [0.75, 1.0]])
PROBLEM, OPTIMIZER = st.Quadratic(H, C, minimum=[1.0, -2.0]), st.SGD(0.3, 4)
KNOBS = [(0.0, False), (0.75, False), (0.75, True)]
ALARM = 1e-6


def blocks_of(problem, optimizer, replicas, start, seed):
    """The blocks that ``simulate`` makes, before their first step."""
    model, sizes = model_of(problem, optimizer), block_sizes(replicas, "numpy", problem.dimension, 0)
    return [
        NumpyBlock(model, optimizer, start - problem.minimum, size, np.random.SeedSequence(seed, spawn_key=(number,)))
        for number, size in enumerate(sizes)
    ]


def states_of(problem, optimizer, steps, replicas, start, seed=0):
    """Run ``simulate`` and return the run and the last states, (d, replicas)."""
    run = st.simulate(problem, optimizer, steps, replicas, start=start, seed=seed, backend="numpy")
    blocks = blocks_of(problem, optimizer, replicas, np.asarray(start), seed)
    for block in blocks:
        block.advance(steps)
    return run, np.concatenate([problem.minimum[:, None] + block.state() for block in blocks], axis=1)


# The map, pathwise.


def path_of_fractions(X, y, ridge, start, batches, rate, momentum, nesterov):
    """SGD in rationals, written once more from the words of torch's documentation."""
    theta, buffer = [Fraction(v) for v in start], None
    for batch in batches:
        gradient = [Fraction(ridge) * v for v in theta]
        for k in batch:
            residual = sum(Fraction(a) * v for a, v in zip(X[k], theta, strict=True)) - Fraction(y[k])
            gradient = [g + Fraction(X[k][i]) * residual / len(batch) for i, g in enumerate(gradient)]
        buffer = (
            gradient if buffer is None else [Fraction(momentum) * b + g for b, g in zip(buffer, gradient, strict=True)]
        )
        direction = [g + Fraction(momentum) * b for g, b in zip(gradient, buffer, strict=True)] if nesterov else buffer
        theta = [v - Fraction(rate) * s for v, s in zip(theta, direction, strict=True)]
    return theta


def small_data():
    rng = np.random.default_rng(0)
    X, y = rng.integers(-8, 9, size=(6, 3)) / 4, rng.integers(-8, 9, size=6) / 4
    return X, y, rng.integers(0, 6, size=(12, 2))


@pytest.mark.parametrize(("momentum", "nesterov"), KNOBS)
@pytest.mark.parametrize("ridge", [0.0, 0.25])
def test_the_same_batches_give_the_path_of_exact_arithmetic(momentum, nesterov, ridge):
    X, y, batches = small_data()
    start = [1.0, -0.5, 2.0]
    exact = path_of_fractions(X.tolist(), y.tolist(), ridge, start, batches.tolist(), 0.125, momentum, nesterov)
    # Replica number two runs on other batches, so columns must not mix.
    others = np.roll(batches, 1, axis=0)
    state = np.repeat(np.array(start)[:, None], 2, axis=1)
    velocity = np.zeros_like(state)
    for batch, other in zip(batches, others, strict=True):
        pairs = [(X[[a, b]].T, y[[a, b]]) for a, b in zip(batch, other, strict=True)]
        gradient = least_squares.gradient(state, pairs, ridge=ridge)
        state, velocity = update(state, velocity, gradient, learning_rate=0.125, momentum=momentum, nesterov=nesterov)
    second = path_of_fractions(X.tolist(), y.tolist(), ridge, start, others.tolist(), 0.125, momentum, nesterov)
    np.testing.assert_allclose(state[:, 0], [float(v) for v in exact], rtol=1e-13)
    np.testing.assert_allclose(state[:, 1], [float(v) for v in second], rtol=1e-13)
    # And the same step in rationals, where it must be equal.
    theta = np.array([[Fraction(v)] for v in start], dtype=object)
    speed = 0 * theta
    for batch in batches:
        pairs = [
            (np.array([[Fraction(a)] for a in X[k]], dtype=object), np.array([Fraction(y[k])], dtype=object))
            for k in batch
        ]
        gradient = least_squares.gradient(theta, pairs, ridge=Fraction(ridge))
        theta, speed = update(
            theta, speed, gradient, learning_rate=Fraction(1, 8), momentum=Fraction(momentum), nesterov=nesterov
        )
    assert theta[:, 0].tolist() == exact


@pytest.mark.parametrize(("momentum", "nesterov"), KNOBS)
@pytest.mark.parametrize("ridge", [0.0, 0.25])
def test_the_same_batches_give_the_path_of_optax(x64, momentum, nesterov, ridge):
    optax = pytest.importorskip("optax")
    import jax
    import jax.numpy as jnp

    X, y, batches = small_data()

    def loss(theta, batch):
        return 0.5 * jnp.mean((X[batch] @ theta - y[batch]) ** 2) + 0.5 * ridge * theta @ theta

    optimizer = optax.sgd(0.125, momentum=momentum or None, nesterov=nesterov)
    theta = jnp.array([1.0, -0.5, 2.0])
    memory = optimizer.init(theta)
    state, velocity = np.array([[1.0], [-0.5], [2.0]]), np.zeros((3, 1))
    for batch in batches:
        changes, memory = optimizer.update(jax.grad(loss)(theta, batch), memory)
        theta = optax.apply_updates(theta, changes)
        gradient = least_squares.gradient(state, [(X[[k]].T, y[[k]]) for k in batch], ridge=ridge)
        state, velocity = update(state, velocity, gradient, learning_rate=0.125, momentum=momentum, nesterov=nesterov)
        np.testing.assert_allclose(state[:, 0], theta, rtol=1e-12)


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
def test_simulate_is_the_map_driven_by_the_sampler(sampling):
    X, y, _ = small_data()
    problem, optimizer = (
        st.LeastSquares(X, y, ridge=0.25),
        st.SGD(0.125, 2, momentum=0.75, nesterov=True, sampling=sampling),
    )
    start = np.array([1.0, -0.5, 2.0])
    run, states = states_of(problem, optimizer, steps=9, replicas=5, start=start, seed=3)
    (block,) = blocks_of(problem, optimizer, 5, start, seed=3)
    batches, sizes = block.draw(9)  # step, place in the batch, replica
    assert sizes.tolist() == [2] * 9
    draw = IndexSampler(np.random.default_rng(np.random.SeedSequence(3, spawn_key=(0,))), 6, 2, sampling)
    np.testing.assert_array_equal(batches, [draw(5) for _ in range(9)])
    for replica in range(5):
        path = path_of_fractions(
            X.tolist(), y.tolist(), 0.25, start, batches[:, :, replica].tolist(), 0.125, 0.75, True
        )
        np.testing.assert_allclose(states[:, replica], [float(v) for v in path], rtol=1e-12)
    assert run.backend == "numpy"
    np.testing.assert_allclose(run.mean, states.mean(axis=1), rtol=1e-13)
    np.testing.assert_allclose(run.covariance, np.cov(states), rtol=1e-12)
    losses = [problem.loss(s) - problem.loss(problem.minimum) for s in states.T]
    assert run.excess_loss == pytest.approx(np.mean(losses), rel=1e-11)
    assert run.excess_loss_standard_error == pytest.approx(np.std(losses, ddof=1) / np.sqrt(5), rel=1e-11)
    norms = [problem.gradient(s) @ problem.gradient(s) for s in states.T]
    assert run.gradient_norm_squared == pytest.approx(np.mean(norms), rel=1e-11)
    assert run.gradient_norm_squared_standard_error == pytest.approx(np.std(norms, ddof=1) / np.sqrt(5), rel=1e-11)
    np.testing.assert_allclose(run.mean_standard_error, states.std(axis=1, ddof=1) / np.sqrt(5), rtol=1e-12)
    assert run.curve_steps[0] == 0
    assert run.curve_steps[-1] == 9
    assert run.curve_loss[0] == pytest.approx(problem.loss(start) - problem.loss(problem.minimum), rel=1e-11)
    assert run.curve_loss[-1] == pytest.approx(run.excess_loss, rel=1e-12)
    assert run.curve_standard_error[-1] == pytest.approx(run.excess_loss_standard_error, rel=1e-6)


def test_simulate_of_a_quadratic_is_the_map_driven_by_gaussians():
    _, states = states_of(PROBLEM, OPTIMIZER, steps=7, replicas=3, start=[0.0, 0.0], seed=5)
    rng, root = np.random.default_rng(np.random.SeedSequence(5, spawn_key=(0,))), square_root(C / 4)
    np.testing.assert_allclose(root @ root.T, C / 4, rtol=1e-14)
    state = np.zeros((2, 3))
    for _ in range(7):
        noise = root @ rng.standard_normal((2, 3))
        state = state - 0.3 * additive_noise.gradient(state, noise, curvature=H, minimum=np.array([[1.0], [-2.0]]))
    np.testing.assert_allclose(states, state, rtol=1e-13)


# The sampler.


def pearson(counts):
    expected = counts.sum() / counts.size
    return float(((counts - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
def test_batches_have_the_exact_law(sampling):
    """Pearson's statistic of batches in two successive steps against the uniform law of all pairs of batches.

    False alarm 1e-6 (all expected counts above 190). Power above 1 - 1e-6 against any law of pairs of batches that
    differs from the uniform one by 6 % in root mean square: the noncentrality is then N * 0.06^2 = 690 and more.
    """
    D, m, replicas, rounds = 5, 2, 64_000, 3
    batches = list(
        itertools.product(range(D), repeat=m) if sampling == "replacement" else itertools.combinations(range(D), m)
    )
    number = {batch: place for place, batch in enumerate(batches)}
    draw = IndexSampler(np.random.default_rng(7), D, m, sampling)
    counts = np.zeros((len(batches),) * 2)
    for _ in range(rounds):
        pair = []
        for _ in range(2):
            drawn = draw(replicas)
            assert drawn.shape == (m, replicas)
            if sampling == "without_replacement":
                drawn = np.sort(drawn, axis=0)
            pair.append(
                np.array([number[tuple(batch)] for batch in np.unique(drawn, axis=1).T.tolist()])[
                    np.unique(drawn, axis=1, return_inverse=True)[1].ravel()
                ]
            )
        np.add.at(counts, tuple(pair), 1)
    N, cells = counts.sum(), counts.size
    critical = scipy.stats.chi2.isf(ALARM, cells - 1)
    assert N / cells > 190
    assert scipy.stats.ncx2.cdf(critical, cells - 1, N * 0.06**2) < ALARM
    assert pearson(counts) < critical


def test_the_places_in_a_batch_are_exchangeable():
    """Ordered pairs: 20 cells, false alarm 1e-6; power above 1 - 1e-6 against a bias of 2 % in root mean square."""
    draw = IndexSampler(np.random.default_rng(8), 5, 2, "without_replacement")
    first, second = np.concatenate([draw(50_000) for _ in range(8)], axis=1)
    counts = np.bincount(5 * first + second, minlength=25).reshape(5, 5)
    assert (np.diagonal(counts) == 0).all()
    cells = counts[~np.eye(5, dtype=bool)]
    critical = scipy.stats.chi2.isf(ALARM, 19)
    assert scipy.stats.ncx2.cdf(critical, 19, counts.sum() * 0.02**2) < ALARM
    assert pearson(cells) < critical


@pytest.mark.parametrize(("D", "m"), [(1, 1), (5, 5), (5, 4), (300, 17)])
def test_subsets_never_repeat_an_index(D, m):
    draw = IndexSampler(np.random.default_rng(9), D, m, "without_replacement")
    for _ in range(20):
        drawn = np.sort(draw(50), axis=0)
        assert (np.diff(drawn, axis=0) > 0).all()
        assert drawn.min() >= 0
        assert drawn.max() < D


def test_large_data_sets_use_every_index_alike():
    """The last index is drawn, and the halves are even: the count of the upper half is binomial, false alarm 1e-6."""
    D = 200_003
    draw = IndexSampler(np.random.default_rng(10), D, 8, "replacement")
    drawn = np.concatenate([draw(200_000).ravel() for _ in range(2)])
    upper = int((drawn >= (D + 1) // 2).sum())
    chance = (D - (D + 1) // 2) / D
    assert (
        min(scipy.stats.binom.cdf(upper, len(drawn), chance), scipy.stats.binom.sf(upper - 1, len(drawn), chance))
        > ALARM / 2
    )
    # 3.2 million draws leave an index out with probability exp(-16): of 200,003 about 0.02.
    assert D - len(np.unique(drawn)) < 6
    assert drawn.max() == D - 1


def test_gaussian_noise_of_a_singular_covariance_stays_in_its_space():
    drawn = square_root(np.array([[1.0, 2.0], [2.0, 4.0]])) @ np.random.default_rng(0).standard_normal((2, 1000))
    np.testing.assert_allclose(drawn[1], 2 * drawn[0], atol=1e-6)
    assert (square_root(np.zeros((2, 2))) == 0).all()


# Seeds, blocks, edges.


def test_a_seed_fixes_the_run_and_another_changes_it():
    runs = [st.simulate(PROBLEM, OPTIMIZER, 5, 50, seed=seed) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(runs[0].covariance, runs[1].covariance)
    assert runs[0].excess_loss == runs[1].excess_loss != runs[2].excess_loss


@pytest.mark.parametrize("problem", [PROBLEM, st.LeastSquares(*small_data()[:2])])
def test_replicas_are_independent_across_blocks(problem):
    start = np.zeros(problem.dimension)
    run, more = states_of(problem, st.SGD(0.1, 3), 6, 3 * 4096, start=start)
    np.testing.assert_allclose(run.covariance, np.cov(more), rtol=1e-12, atol=1e-14)
    blocks = [more[:, k * 4096 : (k + 1) * 4096] for k in range(3)]
    for first, second in itertools.combinations(blocks, 2):
        assert (first != second).any(axis=0).mean() > 0.99
    if problem is PROBLEM:  # Gaussian noise: no state comes twice
        assert len(np.unique(more, axis=1).T) == 3 * 4096
    # Other seeds share nothing either: block 1 of seed 0 is not block 0 of seed 1.
    _, other = states_of(problem, st.SGD(0.1, 3), 6, 4096, start=start, seed=1)
    assert (other != blocks[1]).any(axis=0).mean() > 0.99


def test_no_steps_leave_the_start():
    run = st.simulate(PROBLEM, OPTIMIZER, 0, 10, start=[3.0, 1.0])
    np.testing.assert_allclose(run.mean, [3.0, 1.0], rtol=1e-15)
    np.testing.assert_allclose(run.covariance, 0, atol=1e-28)
    assert run.excess_loss == pytest.approx(PROBLEM.loss([3.0, 1.0]), rel=1e-14)
    assert run.curve_steps.tolist() == [0]
    assert st.simulate(PROBLEM, OPTIMIZER, 0, 10).excess_loss == 0


def test_a_run_starts_at_the_minimum_unless_told():
    np.testing.assert_array_equal(st.simulate(PROBLEM, OPTIMIZER, 1, 2).start, PROBLEM.minimum)


def test_inputs_are_not_changed():
    X, y, _ = small_data()
    start = np.array([1.0, -0.5, 2.0])
    for array in (X, y, start):
        array.flags.writeable = False
    problem = st.LeastSquares(X, y)
    before = [problem.minimum.copy(), problem.hessian.copy(), problem.X.copy()]
    run = st.simulate(problem, st.SGD(0.1, 2, momentum=0.5), 5, 20, start=start)
    for array, copy in zip([problem.minimum, problem.hessian, problem.X], before, strict=True):
        np.testing.assert_array_equal(array, copy)
    run.start[:] = 7.0
    assert start[0] == 1.0


def test_progress_grows_to_the_whole():
    calls = []
    st.simulate(PROBLEM, OPTIMIZER, 200, 5000, progress=lambda done, total: calls.append((done, total)))
    done = [d for d, _ in calls]
    assert {total for _, total in calls} == {200 * 5000}
    assert done == sorted(done)
    assert done[-1] == 200 * 5000
    assert len(calls) >= 4


def test_steps_on_the_curve_are_sorted_and_complete():
    for steps in (0, 1, 2, 7, 5000):
        recorded = recorded_steps(steps)
        assert recorded[0] == 0
        assert recorded[-1] == steps
        assert (np.diff(recorded) > 0).all()


@pytest.mark.parametrize(("steps", "rate"), [(300, 3.0), (400, 3.0), (700, 3.0), (1200, 3.0), (2000, 1e3)])
def test_divergence_is_named_and_nothing_else_leaks(steps, rate):
    """Numbers whose squares overflow are as lost as infinities: an error, no warning (warnings are errors here)."""
    with pytest.raises(StabilityError, match=r"\d+ of 10 replicas no longer finite after \d+ steps") as error:
        st.simulate(st.Quadratic([[1.0]], [[1.0]]), st.SGD(rate, 1), steps, 10, start=[1.0])
    assert str(rate) in str(error.value)
    assert "smaller learning rate" in error.value.mend
    st.simulate(st.Quadratic([[1.0]], [[1.0]]), st.SGD(rate / 1e3, 1), steps, 10, start=[1.0])  # the mend works


def test_least_squares_may_diverge_below_the_limit_of_the_mean():
    problem = st.LeastSquares([[10.0], [0.1], [0.1], [0.1]], [1.0, 2.0, 3.0, 4.0])
    rate = 0.95 * st.stability_limit(problem, 1, kind="mean")
    with pytest.raises(StabilityError, match="only an upper bound where curvature varies"):
        st.simulate(problem, st.SGD(rate, 1), 20_000, 20, start=[5.0])


# Averages against their exact distributions.


@pytest.fixture(scope="module")
def gaussian_run():
    run = st.simulate(PROBLEM, OPTIMIZER, 100, 40_000, seed=11)
    A = np.eye(2) - 0.3 * H
    return run, scipy.linalg.solve_discrete_lyapunov(A, 0.09 * C / 4, method="direct")


def test_averages_have_their_exact_law(gaussian_run):
    """Mean: normal; variances: chi-squared with R - 1 degrees of freedom; both exact for Gaussian states.

    Six two-sided comparisons at 1e-6 / 6 each. Power above 0.99 against a variance wrong by 6 % (R = 40,000).
    """
    run, S = gaussian_run
    R, level = run.replicas, ALARM / 6 / 2
    z = (run.mean - PROBLEM.minimum) / np.sqrt(np.diagonal(S) / R)
    assert np.abs(z).max() < scipy.stats.norm.isf(level)
    low, high = scipy.stats.chi2.isf([1 - level, level], R - 1)
    # Both coordinates and two oblique directions.
    for direction in ([1, 0], [0, 1], [1, 1], [1, -1]):
        v = np.array(direction, dtype=float)
        assert low < (R - 1) * (v @ run.covariance @ v) / (v @ S @ v) < high
    assert scipy.stats.chi2.sf(high / 1.06, R - 1) > 0.99


def test_standard_errors_are_the_exact_ones(gaussian_run):
    """Estimated against exact standard errors of Gaussian states, within six of their own standard deviations.

    The standard error of an average of a variable with excess kurtosis k is estimated to sqrt((k + 2)/4R) of itself:
    0.0035 for the mean (k = 0); for a product of coordinates and a quadratic form k is at most 12, which gives 0.0094.
    Six of those: false alarm below 1e-7 for all twelve; a factor 1.12, such as a forgotten sqrt(5/4), is caught surely.
    """
    run, S = gaussian_run
    R, k = run.replicas, 12
    band, wide = 6 * np.sqrt(2 / (4 * R)), 6 * np.sqrt((k + 2) / (4 * R))
    np.testing.assert_allclose(run.mean_standard_error, np.sqrt(np.diagonal(S) / R), rtol=band)
    exact = np.sqrt((np.outer(np.diagonal(S), np.diagonal(S)) + S**2) / R)
    np.testing.assert_allclose(run.covariance_standard_error, exact, rtol=wide)
    for name, M in (("excess_loss", H / 2), ("gradient_norm_squared", H @ H)):
        exact = np.sqrt(2 * np.trace(M @ S @ M @ S) / R)
        assert getattr(run, f"{name}_standard_error") == pytest.approx(exact, rel=wide)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_has_the_exact_variance(nesterov):
    """The exact recursion of (theta, velocity), solved in NumPy; R - 1 times the variance ratio is chi-squared.

    False alarm 1e-6; power above 0.99 against an error of 6 %.
    Without Nesterov it is also Mandt's form, eps c/(S lam) (2 - mu)/(mu (4 - 2 mu - eps lam)), mu = 1 - momentum.
    """
    lam, c, rate, m, beta, R = 1.5, 2.0, 0.3, 4, 0.75, 40_000
    problem, optimizer = st.Quadratic([[lam]], [[c]]), st.SGD(rate, m, momentum=beta, nesterov=nesterov)
    # v' = beta v + g, theta' = theta - rate (g + beta v') or theta - rate v'; g = lam theta + noise.
    extra, weight = (beta, 1 + beta) if nesterov else (1, 1)
    A = np.array([[1 - rate * weight * lam, -rate * beta * extra], [lam, beta]])
    b = np.array([[-rate * weight], [1.0]])
    assert np.abs(np.linalg.eigvals(A)).max() < 0.92
    joint = scipy.linalg.solve_discrete_lyapunov(A, b @ b.T * c / m, method="direct")
    variance = joint[0, 0]
    if not nesterov:
        mu = 1 - beta
        assert variance == pytest.approx(rate * c / (m * lam) * (2 - mu) / (mu * (4 - 2 * mu - rate * lam)), rel=1e-12)
    run = st.simulate(problem, optimizer, 200, R, seed=12)
    low, high = scipy.stats.chi2.isf([1 - ALARM / 2, ALARM / 2], R - 1)
    assert low < (R - 1) * run.covariance[0, 0] / variance < high
    assert scipy.stats.chi2.sf(high / 1.06, R - 1) > 0.99


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
def test_least_squares_has_its_own_exact_moments(sampling):
    """Real mini-batches against the exact recursion of second moments, random curvature included, over all batches.

    z of the loss with the run's standard error, R = 40,000: false alarm about 1e-6; the standard error is below 1.2 %,
    so an error of 10 % is caught with probability above 0.99. Constant noise is off by more than that here.
    """
    X, y, _ = small_data()
    problem, m, rate, steps = st.LeastSquares(X, y), 2, 0.25, 30
    choices = list(
        itertools.product(range(6), repeat=m) if sampling == "replacement" else itertools.combinations(range(6), m)
    )
    maps = []
    for batch in choices:
        rows = X[list(batch)]
        A = np.eye(3) - rate * rows.T @ rows / m
        shift = -rate * rows.T @ (rows @ problem.minimum - y[list(batch)]) / m
        maps.append((A, shift))
    mean, second = np.zeros(3), np.zeros((3, 3))
    for _ in range(steps):
        pairs = [
            (A @ mean + b, A @ second @ A.T + np.outer(A @ mean, b) + np.outer(b, A @ mean) + np.outer(b, b))
            for A, b in maps
        ]
        mean, second = (sum(parts) / len(maps) for parts in zip(*pairs, strict=True))
    exact = np.trace(problem.hessian @ second) / 2
    run = st.simulate(problem, st.SGD(rate, m, sampling=sampling), steps, 40_000, seed=13)
    assert run.excess_loss_standard_error < 0.012 * exact
    assert abs(run.excess_loss - exact) < 4.9 * run.excess_loss_standard_error
    optimizer = st.SGD(rate, m, sampling=sampling)
    law = st.transient_law(problem, optimizer, problem.minimum, steps)
    assert law.excess_loss == pytest.approx(exact, rel=1e-10)
    constant = st.Quadratic(problem.hessian, problem.noise, problem.minimum, problem.dataset_size)
    assert st.transient_law(constant, optimizer, problem.minimum, steps).excess_loss < 0.9 * exact


def test_a_run_shows_itself():
    run = st.simulate(PROBLEM, OPTIMIZER, 5, 50)
    assert "50 replicas, 5 steps, numpy:" in repr(run)
