"""The reference block: each model's gradient by hand, draws that depend on the seed alone, saved moments."""

import numpy as np
import pytest
import scipy.stats

import sgdtheory as st
from sgdtheory.numeric.engine.model import epoch_sizes, model_of
from sgdtheory.numeric.engine.numpy_block import NumpyBlock
from sgdtheory.numeric.sampling import IndexSampler

D, d, m, R = 7, 3, 3, 5
RNG = np.random.default_rng(0)
ROOTS, SLOPES = RNG.normal(size=(D, d, d)), RNG.normal(size=(D, d))
CURVATURES = ROOTS @ ROOTS.transpose(0, 2, 1)
PROBLEMS = {
    "gaussian": st.Quadratic(CURVATURES[0], CURVATURES[1], minimum=[1.0, -2.0, 0.5]),
    "shared": st.QuadraticSums(CURVATURES[0], SLOPES),
    "rank one": st.LeastSquares(ROOTS[:, 0], SLOPES[:, 0], ridge=0.25),
    "matrix": st.QuadraticSums(CURVATURES, SLOPES),
}
CASES = [
    (name, sampling)
    for name in PROBLEMS
    for sampling in ("replacement", "without_replacement", "reshuffle")
    if name != "gaussian" or sampling == "replacement"
]
START = np.array([1.0, -0.5, 2.0])


def optimizer_of(sampling, **others):
    return st.SGD(0.02, m, momentum=0.5, nesterov=True, sampling=sampling, **others)


def block_of(name, sampling, **others):
    problem, optimizer = PROBLEMS[name], optimizer_of(sampling)
    others.setdefault("companion", name != "gaussian")
    return NumpyBlock(model_of(problem, optimizer), optimizer, START, R, np.random.SeedSequence(4), **others)


def full_state(block):
    parts = [block.state()]
    if block._companion is not None:
        parts.append(block.companion())
    return np.concatenate(parts)


@pytest.mark.parametrize(("name", "sampling"), CASES)
def test_nothing_depends_on_the_number_of_calls(name, sampling):
    """The block ends in the same bits in one call, in many, with its own draws handed back, and after coming back."""
    once = block_of(name, sampling)
    once.advance(23)
    often = block_of(name, sampling)
    for steps in (1, 0, 2, 11, 9):
        often.advance(steps)
    drawer, follower = block_of(name, sampling), block_of(name, sampling)
    first, second = drawer.draw(6), drawer.draw(17)
    follower.follow(*first)
    follower.follow(*second)
    back = block_of(name, sampling)
    back.advance(8)
    saved = back.save()
    for _ in range(2):
        back.restore(saved)
        back.advance(15)
    for block in (often, follower, back):
        np.testing.assert_array_equal(full_state(block), full_state(once))


def gradient_by_hand(name, parameters, draws):
    problem = PROBLEMS[name]
    if name == "rank one":
        each = [problem.X[i] * (problem.X[i] @ parameters - problem.y[i]) for i in draws]
        return np.mean(each, axis=0) + problem.ridge * parameters
    curvatures = np.broadcast_to(problem.curvatures, (D, d, d))
    return np.mean([curvatures[i] @ parameters - problem.slopes[i] for i in draws], axis=0)


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize(("name", "sampling"), CASES[1:])
def test_each_gradient_by_hand(name, sampling, precision):
    """Two steps of momentum written out for each replica; the companion follows the Hessian and the same batches."""
    problem = PROBLEMS[name]
    draws, sizes = block_of(name, sampling).draw(4)
    block = block_of(name, sampling, precision=precision)
    block.follow(draws, sizes)
    expected, companions = np.empty((d, R)), np.empty((d, R))
    for replica in range(R):
        theta, v, y, w = problem.minimum + START, 0, np.zeros(d), 0
        for drawn, size in zip(draws, sizes, strict=True):
            batch = drawn[:size, replica]
            gradient = gradient_by_hand(name, theta, batch)
            flat = problem.hessian @ y + gradient_by_hand(name, problem.minimum, batch)
            v, w = 0.5 * v + gradient, 0.5 * w + flat
            theta, y = theta - 0.02 * (gradient + 0.5 * v), y - 0.02 * (flat + 0.5 * w)
        expected[:, replica], companions[:, replica] = theta - problem.minimum, y
    unit = np.finfo(precision).eps
    np.testing.assert_allclose(block.state(), expected, rtol=300 * unit, atol=100 * unit)
    np.testing.assert_allclose(block.companion(), companions, rtol=300 * unit, atol=100 * unit)
    assert block.state().dtype == float
    if precision == "float32":
        assert np.abs(block.state() - expected).max() > 1e-9  # it did compute in single precision


def test_replicas_may_start_apart():
    problem, optimizer = PROBLEMS["shared"], optimizer_of("replacement")
    starts = np.arange(d * R, dtype=float).reshape(d, R)
    block = NumpyBlock(model_of(problem, optimizer), optimizer, starts, R, np.random.SeedSequence(0))
    np.testing.assert_array_equal(block.state(), starts)
    block.advance(1)
    assert starts[0, 1] == 1.0


@pytest.mark.parametrize("lags", [(), (1, 3)])
def test_sums_are_those_of_the_states_on_the_way(lags):
    block, walker = block_of("rank one", "replacement"), block_of("rank one", "replacement")
    looks, stride = 4, 2
    sums = block.accumulate(looks, stride, lags)
    period = max(stride, *lags, 0)
    path = [(walker.state(), walker.companion())]
    for _ in range(looks * period):
        walker.advance(1)
        path.append((walker.state(), walker.companion()))
    for which, (first, second, lagged) in enumerate(
        [
            (sums.first, sums.second, sums.lagged),
            (sums.companion_first, sums.companion_second, sums.companion_lagged),
        ]
    ):
        seen = [path[look * period][which] for look in range(looks)]
        np.testing.assert_allclose(first, sum(seen), rtol=1e-14)
        np.testing.assert_allclose(second, sum(e[:, None] * e[None] for e in seen), rtol=1e-13)
        for place, lag in enumerate(lags):
            later = [path[look * period + lag][which] for look in range(looks)]
            products = sum(b[:, None] * a[None] for a, b in zip(seen, later, strict=True))
            np.testing.assert_allclose(lagged[place], products, rtol=1e-13)
    assert sums.looks == looks
    np.testing.assert_array_equal(block.state(), path[-1][0])


# Shuffled epochs.


@pytest.mark.parametrize("batch", [1, 2, 3, 5, 7])
def test_an_epoch_uses_every_sample_once(batch):
    optimizer = st.SGD(0.1, batch, sampling="reshuffle")
    block = NumpyBlock(model_of(PROBLEMS["shared"], optimizer), optimizer, START, 200, np.random.SeedSequence(1))
    pattern = epoch_sizes(D, batch)
    draws, sizes = block.draw(3 * len(pattern))
    assert sizes.tolist() == pattern.tolist() * 3
    assert sizes[: len(pattern)].sum() == D
    for epoch in range(3):
        steps = range(epoch * len(pattern), (epoch + 1) * len(pattern))
        order = np.concatenate([draws[step, : sizes[step]] for step in steps])
        np.testing.assert_array_equal(np.sort(order, axis=0), np.repeat(np.arange(D)[:, None], 200, axis=1))


def test_permutations_are_uniform_and_epochs_independent():
    """Pairs of successive permutations of three: 36 cells, Pearson's statistic, false alarm 1e-6.

    Power above 1 - 1e-6 against laws of pairs that are off by 4 % in root mean square, by the noncentral law.
    """
    draw, replicas, counts = IndexSampler(np.random.default_rng(5), 3, 1, "reshuffle"), 100_000, np.zeros(36)
    number = {order: place for place, order in enumerate([(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)])}
    table = np.array([[number.get((a, b), -1) for b in range(3)] for a in range(3)])
    for _ in range(2):
        epochs = []
        for _ in range(2):
            first, second, _ = (draw(replicas)[0] for _ in range(3))
            epochs.append(table[first, second])
        counts += np.bincount(6 * epochs[0] + epochs[1], minlength=36)
    critical = scipy.stats.chi2.isf(1e-6, 35)
    assert scipy.stats.ncx2.cdf(critical, 35, counts.sum() * 0.04**2) < 1e-6
    expected = counts.sum() / 36
    assert ((counts - expected) ** 2 / expected).sum() < critical
