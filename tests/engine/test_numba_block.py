"""The compiled blocks: what they draw, by exact laws; where they go, against plain NumPy; what they add up."""

import numpy as np
import pytest
from scipy import stats

pytest.importorskip("numba")

from sgdtheory.numeric.engine.model import (
    GaussianFeaturesModel,
    GaussianModel,
    MatrixModel,
    RankOneModel,
    SampledModel,
    SharedCurvatureModel,
)
from sgdtheory.numeric.engine.numba_backend.block import NumbaBlock
from sgdtheory.optimizers import SGD
from sgdtheory.processes.update import update

SAMPLES = 37
FALSE_ALARM = 1e-6  # of each statistical test; seeds are fixed and were never chosen


def model_of(kind, d, samples=SAMPLES):
    rng = np.random.default_rng(d)
    half = rng.standard_normal((d, d))
    hessian = half @ half.T / d + 0.1 * np.eye(d)
    features, residuals = rng.standard_normal((samples, d)) / np.sqrt(d), rng.standard_normal(samples)
    gradients = rng.standard_normal((samples, d))
    gradients -= gradients.mean(axis=0)
    return {
        "gaussian": lambda: GaussianModel(hessian, rng.standard_normal((d, d + 1))),
        "gaussian_commuting": lambda: GaussianModel(
            hessian, np.linalg.eigh(hessian)[1][:, ::-1] * np.arange(1.0, d + 1)
        ),
        "gaussian_features": lambda: GaussianFeaturesModel(rng.standard_normal((d, d + 1)) / np.sqrt(d), 0.5),
        "gaussian_features_axes": lambda: GaussianFeaturesModel(
            np.linalg.eigh(hessian)[1][:, ::-1] * np.arange(1, d + 1) / d, 0.5
        ),
        "shared": lambda: SharedCurvatureModel(hessian, gradients),
        "rank_one": lambda: RankOneModel(features, residuals, 0.3, -(features * residuals[:, None]).mean(axis=0)),
        "matrix": lambda: MatrixModel(features[:, :, None] * features[:, None, :] + hessian, gradients),
    }[kind]()


def block_of(model, optimizer, replicas=21, seed=3, start=None, **options):
    start = np.random.default_rng(1).standard_normal((model.dimension, replicas)) if start is None else start
    return NumbaBlock(model, optimizer, start, replicas, np.random.SeedSequence(seed), **options)


def batch_gradients(model, point, companion, draw, size):
    """Return the gradients at a point and of the control variate, in plain NumPy."""
    if isinstance(model, GaussianModel):
        noise = model.root @ draw
        return model.hessian @ point + noise, model.hessian @ companion + noise
    if isinstance(model, GaussianFeaturesModel):
        features, residuals = np.einsum("ij,mjr->mir", model.root, draw[:, :-1]), -model.noise_deviation * draw[:, -1]
        slopes = np.einsum("mjr,jr->mr", features, point) + residuals
        return np.einsum("mjr,mr->jr", features, slopes) / size, 0 * companion
    chosen = draw[:size]
    noise = model.gradients[chosen].mean(axis=0).T
    if isinstance(model, SharedCurvatureModel):
        gradient = model.hessian @ point + noise
    elif isinstance(model, MatrixModel):
        gradient = np.einsum("mrij,jr->ir", model.curvatures[chosen], point) / size + noise
    else:
        features, residuals = model.features[chosen], model.residuals[chosen]
        slopes = np.einsum("mrj,jr->mr", features, point) + residuals
        gradient = np.einsum("mrj,mr->jr", features, slopes) / size
        gradient = gradient + model.ridge * point + model.drift[:, None]
    return gradient, model.hessian @ companion + noise


def path(model, optimizer, start, draws, sizes):
    knobs = dict(learning_rate=optimizer.learning_rate, momentum=optimizer.momentum, nesterov=optimizer.nesterov)
    point, companion = start, np.zeros_like(start)
    velocity, companion_velocity = np.zeros_like(start), np.zeros_like(start)
    for draw, size in zip(draws, sizes, strict=True):
        gradient, companion_gradient = batch_gradients(model, point, companion, draw, size)
        point, velocity = update(point, velocity, gradient, **knobs)
        companion, companion_velocity = update(companion, companion_velocity, companion_gradient, **knobs)
    return point, velocity * (optimizer.momentum != 0), companion


OPTIMIZERS = (
    SGD(0.05, 1),
    SGD(0.05, 5, sampling="reshuffle"),
    SGD(0.05, 3, momentum=0.8),
    SGD(0.05, 4, momentum=0.7, nesterov=True, sampling="without_replacement"),
)
# One case for each way of lying in memory; every case is compiled by itself, so most of them are slow.
KINDS = (
    ("gaussian", 2),
    ("gaussian_commuting", 2),
    ("gaussian_features", 2),
    ("gaussian_features_axes", 2),
    ("shared", 2),
    ("rank_one", 2),
    ("rank_one", 5),
    ("rank_one", 9),
    ("matrix", 2),
)
SLOW = (
    *((kind, d) for kind in ("gaussian", "gaussian_commuting", "gaussian_features") for d in (1, 5, 12)),
    *((kind, d) for kind in ("shared", "rank_one", "matrix") for d in (1, 3, 4, 6, 7, 8, 15, 16, 31, 32, 33, 45)),
    ("shared", 9),
    ("matrix", 9),
)


def check_path(kind, d, precision):
    model = model_of(kind, d)
    for optimizer in OPTIMIZERS:
        for companion in (False, True)[: 1 if "features" in kind else 2]:
            options = {"precision": precision, "companion": companion}
            drawn, following, advancing = (block_of(model, optimizer, **options) for _ in range(3))
            start, (draws, sizes) = following.state(), drawn.draw(23)
            following.follow(draws, None if kind.startswith("gaussian") else sizes)
            advancing.advance(5)
            advancing.advance(18)
            assert np.array_equal(following.state(), advancing.state())
            point, velocity, control = path(model, optimizer, start, draws, sizes)
            # Each step rounds some d numbers; ratios up to 0.6 are seen, and a step gone wrong gives 1e10.
            unit = 23 * d * np.finfo(precision).eps / 2 * max(1, np.abs(point).max())
            assert np.abs(advancing.state() - point).max() <= 10 * unit
            assert np.abs(advancing.velocity() - velocity).max() <= 10 * unit * max(1, np.abs(velocity).max())
            if companion:
                assert np.abs(advancing.companion() - control).max() <= 10 * unit


@pytest.mark.parametrize(("kind", "d"), KINDS)
def test_path_is_that_of_plain_numpy(kind, d):
    check_path(kind, d, "float64")


@pytest.mark.parametrize("kind", ["rank_one"])
def test_single_precision_path_is_that_of_plain_numpy(kind):
    check_path(kind, 2, "float32")


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize(("kind", "d"), SLOW)
def test_path_is_that_of_plain_numpy_in_all_layouts(kind, d, precision):
    check_path(kind, d, precision)


@pytest.mark.parametrize(("kind", "d"), [("gaussian", 2), ("rank_one", 2), ("rank_one", 9)])
@pytest.mark.parametrize("optimizer", [OPTIMIZERS[1], OPTIMIZERS[2]])
@pytest.mark.parametrize(("stride", "lags"), [(1, ()), (3, (1, 2, 5)), (4, (2,))])
def test_sums_are_those_of_the_states_on_the_way(kind, d, optimizer, stride, lags):
    model = model_of(kind, d)
    adding, walking = (block_of(model, optimizer, companion=True) for _ in range(2))
    adding.advance(3)
    walking.advance(3)
    sums = adding.accumulate(6, stride, lags)
    points, companions = [], []
    for _ in range(6):
        before = 0
        for lag in (0, *lags, max(stride, *lags, 0)):
            walking.advance(lag - before)
            before = lag
            points.append(walking.state())
            companions.append(walking.companion())
    assert sums.looks == 6
    assert np.array_equal(adding.state(), walking.state())
    given = (
        (points, sums.first, sums.second, sums.lagged),
        (companions, sums.companion_first, sums.companion_second, sums.companion_lagged),
    )
    for states, first, second, lagged in given:
        seen = np.array(states).reshape(6, len(lags) + 2, d, 21)
        assert np.allclose(first, seen[:, 0].sum(axis=0), rtol=1e-12, atol=1e-12)
        assert np.allclose(second, np.einsum("tir,tjr->ijr", seen[:, 0], seen[:, 0]), rtol=1e-12, atol=1e-12)
        assert lagged.shape == (len(lags), d, d, 21)
        for number in range(len(lags)):
            product = np.einsum("tir,tjr->ijr", seen[:, number + 1], seen[:, 0])
            assert np.allclose(lagged[number], product, rtol=1e-12, atol=1e-12)


def test_gaussian_features_are_cheap_where_the_root_lies_along_principal_axes():
    """As a covariance's square root by eigenvectors does: then a feature costs one product, not d of them."""
    single = {
        kind: block_of(model_of(kind, 5), SGD(0.1, 2))._layout.shape.single
        for kind in ("gaussian_features", "gaussian_features_axes")
    }
    assert single == {"gaussian_features": False, "gaussian_features_axes": True}


def test_draws_of_gaussian_features_do_not_depend_on_calls():
    """Nine normals a step, drawn in pairs and in chunks."""
    model, optimizer = model_of("gaussian_features", 2), SGD(0.1, 3)
    assert model.root.shape == (2, 3)
    whole, sizes = block_of(model, optimizer).draw(40)
    assert whole.shape == (40, 3, 4, 21)
    assert sizes.tolist() == [3] * 40
    parts = block_of(model, SGD(0.2, 3, momentum=0.5), start=np.zeros(2))
    first = parts.draw(1)[0]
    parts.advance(4)
    parts.accumulate(2, 1, (3,))
    saved = parts.save()
    second = parts.draw(29)[0]
    assert np.array_equal(whole[:1], first)
    assert np.array_equal(whole[11:], second)
    parts.restore(saved)
    assert np.array_equal(parts.draw(29)[0], second)
    assert parts.draw(0)[0].shape == (0, 3, 4, 21)


def test_no_companion_gives_no_sums_of_it():
    sums = block_of(model_of("rank_one", 2), SGD(0.1, 2)).accumulate(2, 1, ())
    assert sums.companion_first is sums.companion_second is sums.companion_lagged is None


SOURCES = [
    ("gaussian", SGD(0.1, 1)),
    ("shared", SGD(0.1, 3)),
    ("shared", SGD(0.1, 3, sampling="without_replacement")),
    ("shared", SGD(0.1, 3, sampling="reshuffle")),
]


@pytest.mark.parametrize(("kind", "optimizer"), SOURCES)
def test_draws_do_not_depend_on_calls_states_or_learning_rate(kind, optimizer):
    model = model_of(kind, 2)  # the Gaussian one takes three normals a step, and they are drawn in pairs
    hotter = SGD(7.0, optimizer.batch_size, momentum=0.5, sampling=optimizer.sampling)
    whole = block_of(model, optimizer).draw(40)
    parts = block_of(model, hotter, start=np.zeros(2), companion=True)
    pieces = [parts.draw(1), parts.draw(2)]
    parts.advance(4)
    parts.accumulate(2, 1, (3,))
    pieces.append(parts.draw(27))
    first, middle, final = pieces
    for number in range(2):
        assert np.array_equal(whole[number][:1], first[number])
        assert np.array_equal(whole[number][1:3], middle[number])
        assert np.array_equal(whole[number][13:], final[number])


@pytest.mark.parametrize(("kind", "optimizer"), SOURCES)
def test_restored_block_repeats_itself(kind, optimizer):
    model = model_of(kind, 2)
    heavy = SGD(0.1, optimizer.batch_size, momentum=0.5, sampling=optimizer.sampling)
    block = block_of(model, heavy, companion=True)
    block.advance(5)
    saved = block.save()
    block.advance(8)
    after, control = block.state(), block.companion()
    assert not np.array_equal(after, block_of(model, heavy).state())
    for _ in range(2):
        block.restore(saved)
        block.advance(8)
        assert np.array_equal(block.state(), after)
        assert np.array_equal(block.companion(), control)


def test_seeds_give_other_draws():
    model = model_of("shared", 2)
    one, other = (block_of(model, SGD(0.1, 2), seed=seed).draw(20)[0] for seed in (1, 2))
    assert (one != other).mean() > 0.9


def test_start_may_be_one_point():
    block = block_of(model_of("shared", 2), SGD(0.1, 2), start=np.array([1.0, -2.0]))
    assert np.allclose(block.state(), np.array([[1.0], [-2.0]]) * np.ones(21), atol=1e-15)


def test_divergence_shows_and_stays_in_its_replica():
    model = model_of("rank_one", 9)
    start = np.zeros((9, 21))
    start[:, 4] = 1e308
    block = block_of(model, SGD(0.05, 2), start=start)
    block.advance(2000)
    finite = np.isfinite(block.state()).all(axis=0)
    assert finite[np.arange(21) != 4].all()
    hot = block_of(model, SGD(50.0, 2))
    hot.advance(2000)
    assert not np.isfinite(hot.state()).all(axis=0).any()


def test_what_cannot_be_compiled_is_refused():
    model = SampledModel(np.eye(1), np.zeros(1), lambda rng, replicas: lambda point: point)
    with pytest.raises(TypeError, match="backend='numpy'"):
        block_of(model, SGD(0.1, 1))


def test_indices_beyond_the_data_are_refused():
    block = block_of(model_of("shared", 2), SGD(0.1, 1))
    with pytest.raises(IndexError):
        block.follow(np.full((1, 1, 21), SAMPLES))
    with pytest.raises(ValueError, match="shape"):
        block.follow(np.zeros((1, 1, 20), int))


def drawn(samples, optimizer, replicas, steps):
    model = SharedCurvatureModel(np.eye(2), np.zeros((samples, 2)))
    return block_of(model, optimizer, replicas=replicas, seed=11, start=np.zeros(2)).draw(steps)


def check_uniform(cells, count):
    """Refuse counts of equally likely cells by Pearson's chi-square; the cells hold some hundred draws each.

    Power: relative deviations of the cells' probabilities of root mean square r give the noncentrality n r^2. With
    49 cells and n = 80,000, r = 5 % is missed with probability 1e-6.
    """
    counts = np.bincount(np.ravel(cells), minlength=count)
    assert len(counts) == count
    expected = counts.sum() / count
    assert expected >= 100
    assert ((counts - expected) ** 2).sum() / expected < stats.chi2.isf(FALSE_ALARM, count - 1)


def test_independent_draws_are_uniform_and_independent():
    indices, sizes = drawn(7, SGD(0.1, 2), 2048, 40)
    assert (sizes == 2).all()
    pairs = {
        "in a batch": (indices[:, 0], indices[:, 1]),
        "in steps": (indices[:-1:2, 0], indices[1::2, 0]),
        "in neighbours": (indices[:, 0, ::2], indices[:, 0, 1::2]),
        "in groups": (indices[:, 0, :-16], indices[:, 0, 16:]),
    }
    for one, other in pairs.values():
        check_uniform(7 * one + other, 49)


def test_subsets_are_uniform():
    indices, sizes = drawn(6, SGD(0.1, 3, sampling="without_replacement"), 2048, 40)
    assert (sizes == 3).all()
    ordered = (indices * np.array([36, 6, 1])[:, None]).sum(axis=1)
    possible = [36 * a + 6 * b + c for a in range(6) for b in range(6) for c in range(6) if len({a, b, c}) == 3]
    assert np.isin(ordered, possible).all()
    cells = np.searchsorted(possible, ordered)
    check_uniform(cells, 120)
    sets = (1 << indices).sum(axis=1)
    places = np.searchsorted(np.unique(sets), sets)
    check_uniform(20 * places[:-1:2] + places[1::2], 400)
    check_uniform(20 * places[:, ::2] + places[:, 1::2], 400)


def test_epochs_are_uniform_permutations():
    indices, sizes = drawn(5, SGD(0.1, 2, sampling="reshuffle"), 2048, 120)
    assert np.array_equal(sizes, np.tile([2, 2, 1], 40))
    epochs = indices.reshape(40, 6, 2048)[:, :5]
    assert np.array_equal(np.sort(epochs, axis=1), np.broadcast_to(np.arange(5)[:, None], epochs.shape))
    codes = (epochs * 5 ** np.arange(5)[:, None]).sum(axis=1)
    places = np.searchsorted(np.unique(codes), codes)
    check_uniform(places, 120)
    last_then_first = 5 * epochs[:-1:2, 4] + epochs[1::2, 0]
    check_uniform(last_then_first, 25)
    check_uniform(5 * epochs[:, 0, ::2] + epochs[:, 0, 1::2], 25)


def test_whole_data_set_as_subset_and_as_epoch():
    for sampling in ("without_replacement", "reshuffle"):
        indices, _ = drawn(5, SGD(0.1, 5, sampling=sampling), 40, 6)
        assert np.array_equal(np.sort(indices, axis=1), np.broadcast_to(np.arange(5)[:, None], indices.shape))


def test_no_two_replicas_share_a_stream():
    """Six draws in a row name a place in a stream: two of 400,000 places agree by chance with probability 1e-7."""
    indices, _ = drawn(1000, SGD(0.1, 1), 4096, 105)
    powers = 1000 ** np.arange(6)
    windows = np.lib.stride_tricks.sliding_window_view(indices[:, 0], 6, axis=0) @ powers
    assert len(np.unique(windows)) == windows.size


def test_normals_have_the_normal_law():
    """Power: a variance that is off by 1.1 % escapes the moments with probability 1e-6."""
    model = GaussianModel(np.eye(2), np.ones((2, 3)))
    normals, _ = block_of(model, SGD(0.1, 1), replicas=4096, seed=5).draw(80)
    assert normals.shape == (80, 3, 4096)
    values = normals.ravel()
    bound = stats.norm.isf(FALSE_ALARM / 2)
    # Sums of powers up to 4 of a million normals are normal enough: the tail at this bound is off by a factor < 2.
    for power, mean, variance in ((1, 0, 1), (2, 1, 2), (3, 0, 15), (4, 3, 96)):
        assert abs((values**power).mean() - mean) < bound * np.sqrt(variance / values.size)
    # The distance of Kolmogorov and Smirnov: P(D > x) <= 2 exp(-2 n x^2) (Massart 1990).
    assert stats.kstest(values, "norm").statistic < np.sqrt(np.log(2 / FALSE_ALARM) / (2 * values.size))
    for one, other in (
        (normals[:, 0], normals[:, 1]),
        (normals[:-1, 2], normals[1:, 0]),
        (normals[..., :-1], normals[..., 1:]),
    ):
        assert abs((one * other).mean()) < bound / np.sqrt(one.size)
        squares = (one**2 - 1) * (other**2 - 1)
        assert abs(squares.mean()) < bound * 2 / np.sqrt(one.size)
    assert abs((np.abs(values) > 4.5).sum() - values.size * 2 * stats.norm.sf(4.5)) < 20  # expected 6.7
