"""The index samplers of all backends against the exact laws of their counts.

Each test compares counts with equally likely cells by Pearson's statistic. The false-alarm rate of the whole file is
ALARM = 1e-6, split evenly over its COMPARISONS; expected counts are 200 and more, so the law is chi-squared. Seeds are
fixed, so a test can fail by bad luck only once in its life.

Power, above 1 - 1e-6 each: ``assert_uniform`` works it out from the noncentral law, for cells that are off by a stated
root mean square. What that catches: a last index that is never drawn (of 1,000), the modulo of a byte (``byte % 5`` is
off by 0.78 %), streams that neighbours share (off by 100 % and more). Sampling with replacement instead of without
repeats an index within the first few batches, and that is refused outright.
"""

import itertools

import numpy as np
import pytest
import scipy.stats

from sgdtheory.numeric.engine.backends import block_of
from sgdtheory.numeric.engine.model import SharedCurvatureModel
from sgdtheory.optimizers import SGD

ALARM, COMPARISONS = 1e-6, 51  # 17 for each of three backends
LEVEL = ALARM / COMPARISONS


@pytest.fixture(params=["numpy", "numba", "jax"])
def draws_of(request):
    """Return a function that returns draws (steps, m, replicas) and sizes of a backend."""
    name = request.param
    pytest.importorskip(name, reason=f"{name} is not installed")
    maker = block_of(name)

    def draws(D, m, sampling, steps, replicas, seed=0):
        model = SharedCurvatureModel(np.eye(1), np.zeros((D, 1)))
        optimizer = SGD(0.1, m, sampling=sampling)
        sequence = np.random.SeedSequence(seed)
        return maker(model, optimizer, np.zeros(1), replicas, sequence, precision="float32").draw(steps)

    return draws


def pearson(counts):
    expected = counts.sum() / counts.size
    return float(((counts - expected) ** 2 / expected).sum())


def assert_uniform(counts, *, off):
    """Refuse counts that are not those of equally likely cells; cells off by ``off`` in root mean square are caught."""
    degrees = counts.size - 1
    critical = scipy.stats.chi2.isf(LEVEL, degrees)
    assert counts.sum() / counts.size >= 200
    assert scipy.stats.ncx2.cdf(critical, degrees, counts.sum() * off**2) < 1e-6
    assert pearson(counts) < critical


def counted(*cells, sizes):
    """Return how often each combination of cell numbers occurs."""
    number = np.ravel_multi_index([np.ravel(cell) for cell in cells], sizes)
    return np.bincount(number, minlength=np.prod(sizes))


def numbered(indices, kinds):
    """Return, for tuples of indices along the first axis, their numbers in a list of tuples."""
    base = int(indices.max()) + 1
    table = np.full(base ** len(indices), -1)
    for number, kind in enumerate(kinds):
        if max(kind) < base:
            table[np.ravel_multi_index(kind, [base] * len(indices))] = number
    found = table[np.ravel_multi_index(tuple(indices), [base] * len(indices))]
    assert (found >= 0).all()
    return found


def cells_of(draws_of, sampling, replicas, rounds, seed):
    """Return the cells (rounds, replicas) of independent rounds, and how many cells there are.

    A round is a batch of 2 of 5 with replacement, a subset of 3 of 5, or an epoch of 4 in batches of 3 and 1.
    """
    if sampling == "reshuffle":
        drawn, sizes = draws_of(4, 3, sampling, 2 * rounds, replicas, seed)
        assert sizes.tolist() == [3, 1] * rounds
        epochs = np.stack([*np.moveaxis(drawn[::2], 1, 0), drawn[1::2, 0]])  # place, epoch, replica
        kinds = list(itertools.permutations(range(4)))
        return numbered(epochs, kinds), len(kinds)  # which refuses an epoch that holds an index twice
    m = 2 if sampling == "replacement" else 3
    drawn, sizes = draws_of(5, m, sampling, rounds, replicas, seed)
    assert drawn.shape == (rounds, m, replicas)
    assert sizes.tolist() == [m] * rounds
    if sampling == "replacement":
        kinds = list(itertools.product(range(5), repeat=m))
    else:
        drawn, kinds = np.sort(drawn, axis=1), list(itertools.combinations(range(5), m))
    return numbered(np.moveaxis(drawn, 1, 0), kinds), len(kinds)


SAMPLINGS = ["replacement", "without_replacement", "reshuffle"]


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_batches_and_the_next_ones_have_the_exact_law(draws_of, sampling):
    """Batches, subsets, orders of an epoch: equally likely, and independent of those of the round before."""
    cells, kinds = cells_of(draws_of, sampling, 4096, 64, seed=1)
    assert_uniform(counted(cells[::2], cells[1::2], sizes=(kinds, kinds)), off=0.065)
    # The rounds between which the pairs above do not look.
    assert_uniform(counted(cells[1:-1:2], cells[2::2], sizes=(kinds, kinds)), off=0.065)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_replicas_are_independent(draws_of, sampling):
    """Neighbours, and replicas half a block apart: pairs of cells in the same round."""
    cells, kinds = cells_of(draws_of, sampling, 4096, 64, seed=2)
    assert_uniform(counted(cells[:, ::2], cells[:, 1::2], sizes=(kinds, kinds)), off=0.1)
    half = cells.shape[1] // 2
    assert_uniform(counted(cells[:, :half], cells[:, half:], sizes=(kinds, kinds)), off=0.1)
    # 10 cells and more in 64 rounds: two of 4,096 replicas agree throughout with probability below 1e-56.
    assert len(np.unique(cells, axis=1).T) == cells.shape[1]


def test_every_subset_of_two_is_equally_likely(draws_of):
    drawn, _ = draws_of(5, 2, "without_replacement", 64, 4096, 3)
    pairs = numbered(np.moveaxis(np.sort(drawn, axis=1), 1, 0), list(itertools.combinations(range(5), 2)))
    assert_uniform(np.bincount(pairs.ravel(), minlength=10), off=0.03)


def test_small_sets_have_no_modulo_bias(draws_of):
    """4 million draws of 5: ``byte % 5`` draws the index 0 with probability 52/256 instead of 1/5, others 51/256."""
    drawn, _ = draws_of(5, 10, "replacement", 100, 4096, 4)
    biased = 5 * np.array([52, 51, 51, 51, 51]) / 256 - 1
    assert_uniform(np.bincount(drawn.ravel(), minlength=5), off=np.sqrt((biased**2).mean()))


def test_every_index_of_many_is_drawn_alike(draws_of):
    """2 million draws of 1,000: an index that is never drawn is off by 1/sqrt(1000) in root mean square."""
    drawn, _ = draws_of(1000, 5, "replacement", 100, 4096, 5)
    counts = np.bincount(drawn.ravel(), minlength=1000)
    assert len(counts) == 1000
    assert_uniform(counts, off=1000**-0.5)


@pytest.mark.parametrize(("D", "m"), [(5, 5), (300, 17), (70_000, 3)])
@pytest.mark.parametrize("sampling", ["without_replacement", "reshuffle"])
def test_no_index_is_drawn_twice(draws_of, sampling, D, m):
    drawn, sizes = draws_of(D, m, sampling, 20, 8, 6)
    for batch, size in zip(drawn, sizes, strict=True):
        batch = np.sort(batch[:size], axis=0)
        assert (np.diff(batch, axis=0) > 0).all()
        assert batch.min() >= 0
        assert batch.max() < D


def test_large_sets_are_drawn_from_end_to_end(draws_of):
    """Of 200,003 indices the upper half is drawn as often as it should be: 800,000 draws, a binomial count."""
    D = 200_003
    drawn, _ = draws_of(D, 8, "replacement", 20, 5000, 7)
    upper, chance = int((drawn >= (D + 1) // 2).sum()), (D - (D + 1) // 2) / D
    both = scipy.stats.binom.cdf(upper, drawn.size, chance), scipy.stats.binom.sf(upper - 1, drawn.size, chance)
    assert min(both) > LEVEL / 2
    # exp(-4) of the indices are left out, 3,663 with a standard deviation below 60.
    left_out = D - len(np.unique(drawn))
    assert abs(left_out - D * (1 - 1 / D) ** drawn.size) < 6 * 60
    assert 0 <= drawn.min() < 10
    assert D - 10 < drawn.max() < D


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_seeds_share_nothing(draws_of, sampling):
    """Two seeds agree in a cell with probability 1/10 at most: half of 262,144 would be hundreds of deviations."""
    first, second, again = (cells_of(draws_of, sampling, 4096, 64, seed)[0] for seed in (1, 2, 1))
    np.testing.assert_array_equal(first, again)
    assert (first == second).mean() < 0.5
