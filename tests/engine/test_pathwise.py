"""Every backend on given draws, step by step: against rational arithmetic, torch.optim.SGD and optax.sgd.

The measure is the largest error of a state over ``steps * d * u * scale``, u the unit roundoff of the precision and
scale the largest |e| along the exact path. All backends stay below 0.2. A learning rate that is off by a factor 1.001
gives more than 1e10 in float64 and more than 100 in float32. LIMIT is the usual one of LAPACK's tests.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from sgdtheory.numeric.engine.backends import block_of, double_precision
from sgdtheory.numeric.engine.model import (
    GaussianFeaturesModel,
    GaussianModel,
    MatrixModel,
    RankOneModel,
    SharedCurvatureModel,
    step_normals,
)
from sgdtheory.optimizers import SGD

LIMIT = 30
ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24}
SLOW = pytest.mark.slow  # left out where compiling one more kernel would show nothing new
KNOBS = {"plain": (0.0, False), "heavy": (0.75, False), "nesterov": (0.75, True)}
STEPS, REPLICAS, D, DIMENSION = 12, 5, 6, 3


@pytest.fixture(params=["numpy", "numba", "jax"])
def make(request):
    """The class of blocks of a backend, with double precision on for JAX."""
    name = request.param
    pytest.importorskip(name, reason=f"{name} is not installed")
    with double_precision(name):
        yield block_of(name)


def block_from(make, case, optimizer, **keywords):
    return make(case.model, optimizer, case.start, REPLICAS, np.random.SeedSequence(5), **keywords)


# The cases: dyadic numbers, which float32 holds too.


@dataclass(frozen=True)
class Case:
    """A model, and its samples' gradients at parameters (not offsets) in rationals, for whatever a step draws."""

    model: object
    minimum: list
    gradient: object  # gradient(parameters, drawn): list of Fraction
    noise: object  # noise(drawn): the same at the minimum, for the companion
    start: np.ndarray  # (d, replicas) offsets


def fractions(array):
    return [Fraction(float(v)) for v in array]


def dot(first, second):
    return sum(a * b for a, b in zip(first, second, strict=True))


def times(matrix, vector):
    return [dot(fractions(row), vector) for row in matrix]


def plus(*vectors):
    return [sum(parts) for parts in zip(*vectors, strict=True)]


def over(vector, number):
    return [Fraction(number) * v for v in vector]


def dyadic(rng, *shape):
    return rng.integers(-8, 9, size=shape) / 4


def rank_one(far=1, ridge=0.0):
    """Least squares around a minimum ``far`` from zero; the reference knows features, targets and parameters only."""
    rng = np.random.default_rng(0)
    features, residuals = dyadic(rng, D, DIMENSION), dyadic(rng, D)
    minimum = far + dyadic(rng, DIMENSION)
    targets = features @ minimum - residuals
    model = RankOneModel(features, residuals, ridge, ridge * minimum)

    def of_sample(theta, k):
        x = fractions(features[k])
        residual = dot(x, theta) - Fraction(targets[k])
        return [a * residual + Fraction(ridge) * t for a, t in zip(x, theta, strict=True)]

    return case_of_samples(model, minimum, of_sample, rng)


def curved(one_curvature):
    """Per-sample quadratics 1/2 theta'A theta - b'theta, their curvatures all alike or not."""
    rng = np.random.default_rng(1)
    roots = dyadic(rng, D, DIMENSION, DIMENSION)
    curvatures = np.einsum("kij,klj->kil", roots, roots) / 2
    curvatures = curvatures[[0] * D] if one_curvature else curvatures
    minimum, gradients = 2.0**20 + dyadic(rng, DIMENSION), dyadic(rng, D, DIMENSION)
    gradients[-1] -= gradients.sum(axis=0)
    slopes = curvatures @ minimum - gradients
    model = SharedCurvatureModel(curvatures[0], gradients) if one_curvature else MatrixModel(curvatures, gradients)

    def of_sample(theta, k):
        return plus(times(curvatures[k], theta), over(fractions(slopes[k]), -1))

    return case_of_samples(model, minimum, of_sample, rng)


def case_of_samples(model, minimum, of_sample, rng):
    def gradient(theta, batch):
        return over(plus(*(of_sample(theta, k) for k in batch)), Fraction(1, len(batch)))

    start = dyadic(rng, DIMENSION, REPLICAS)
    return Case(model, fractions(minimum), gradient, lambda batch: gradient(fractions(minimum), batch), start)


def gaussian():
    rng = np.random.default_rng(2)
    half = dyadic(rng, DIMENSION, DIMENSION)
    hessian, root, minimum = half @ half.T / 2, dyadic(rng, DIMENSION, 2), 2.0**20 + dyadic(rng, DIMENSION)

    def noise(normals):
        return times(root, fractions(normals))

    def gradient(theta, normals):
        return plus(times(hessian, plus(theta, over(fractions(minimum), -1))), noise(normals))

    return Case(GaussianModel(hessian, root), fractions(minimum), gradient, noise, dyadic(rng, DIMENSION, REPLICAS))


def gaussian_features(root):
    """Least squares on features that are drawn with the step; targets are the minimum's plus noise."""
    rng, deviation = np.random.default_rng(4), 0.75
    minimum = 2.0**20 + dyadic(rng, DIMENSION)

    def gradient(theta, batch):
        total = [Fraction(0)] * DIMENSION
        for normals in batch:
            x, z = times(root, fractions(normals[:-1])), Fraction(normals[-1])
            target = dot(x, fractions(minimum)) + Fraction(deviation) * z
            total = plus(total, over(x, dot(x, theta) - target))
        return over(total, Fraction(1, len(batch)))

    return Case(
        GaussianFeaturesModel(root, deviation), fractions(minimum), gradient, None, dyadic(rng, DIMENSION, REPLICAS)
    )


CASES = {
    "gaussian": gaussian(),
    "gaussian features": gaussian_features(dyadic(np.random.default_rng(6), DIMENSION, DIMENSION) / 2),
    "gaussian features, principal axes": gaussian_features(np.array([[1, 0.5, 0], [1, -0.5, 0], [0, 0, 2]])),
    "shared curvature": curved(True),
    "rank one": rank_one(),
    "rank one, minimum at 2^20": rank_one(far=2.0**20),
    "rank one, ridge": rank_one(far=4, ridge=0.25),
    "matrix": curved(False),
}


# The reference.


def path_of_fractions(gradient, start, draws, rate, momentum, nesterov):
    """SGD in rationals, written from the words of torch's documentation: parameters and momentum buffers, each step."""
    theta, buffer, path, buffers = start, None, [], []
    for drawn in draws:
        g = gradient(theta, drawn)
        buffer = g if buffer is None else plus(over(buffer, momentum), g)
        direction = plus(g, over(buffer, momentum)) if nesterov else buffer
        theta = plus(theta, over(direction, -Fraction(rate)))
        path.append(theta)
        buffers.append(buffer if momentum else over(g, 0))  # torch keeps none without momentum
    return path, buffers


def fresh(case):
    """Whether steps draw normals: then there are no sizes, and all are taken."""
    return step_normals(case.model, 1) is not None


def given_draws(case, batch_size):
    """Return draws (steps, m, replicas), different in every replica, as block and as reference take them."""
    rng = np.random.default_rng(3)
    if fresh(case):
        return dyadic(rng, STEPS, *step_normals(case.model, batch_size), REPLICAS)
    return rng.integers(0, D, size=(STEPS, batch_size, REPLICAS))


def ratio(found, exact, precision, scale=None):
    """Return the measure, for states (d, replicas) and one exact path of offsets for each replica."""
    last = np.array([[float(v) for v in path[-1]] for path in exact]).T
    scale = scale or max(abs(float(v)) for path in exact for state in path for v in state)
    return np.abs(found - last).max() / (STEPS * DIMENSION * ROUNDOFF[precision] * scale)


def exact_paths(case, draws, sizes, optimizer):
    """Return the paths of offsets and of momentum buffers, one of each for every replica."""
    knobs = (optimizer.learning_rate, Fraction(optimizer.momentum), optimizer.nesterov)
    paths, buffers = [], []
    for replica in range(REPLICAS):
        start = plus(case.minimum, fractions(case.start[:, replica]))
        drawn = [draw[:size, ..., replica] for draw, size in zip(draws, sizes, strict=True)]
        path, held = path_of_fractions(case.gradient, start, drawn, *knobs)
        paths.append([plus(theta, over(case.minimum, -1)) for theta in path])
        buffers.append(held)
    return paths, buffers


def exact_offsets(case, draws, sizes, optimizer):
    return exact_paths(case, draws, sizes, optimizer)[0]


# Every way of moving, every batch size, and single precision, which is another rounding of the same code.
COMBINATIONS = [
    ("plain", 1, "float64"),
    pytest.param("heavy", 5, "float64", marks=SLOW),
    ("nesterov", 2, "float64"),
    ("nesterov", 5, "float32"),
]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("knob", "batch_size", "precision"), COMBINATIONS)
def test_given_draws_give_the_path_of_exact_arithmetic(make, name, knob, batch_size, precision):
    """Batches of equal and of unequal size, on different indices in every replica."""
    case, (momentum, nesterov) = CASES[name], KNOBS[knob]
    optimizer = SGD(1 / 32, batch_size, momentum=momentum, nesterov=nesterov)
    draws = given_draws(case, batch_size)
    full = np.full(STEPS, draws.shape[1])
    some = np.where(np.arange(STEPS) % 3 == 2, 1, batch_size)  # every third batch has one sample only
    for sizes in (None, full) if fresh(case) else (None, full, some):
        exact, buffers = exact_paths(case, draws, full if sizes is None else sizes, optimizer)
        block = block_from(make, case, optimizer, precision=precision)
        assert not block.velocity().any()
        block.follow(draws, sizes)
        assert ratio(block.state(), exact, precision) <= LIMIT
        if momentum == 0:
            assert not block.velocity().any()
        else:
            assert ratio(block.velocity(), buffers, precision) <= LIMIT
        assert block.velocity().shape == block.state().shape
        assert block.velocity().dtype == np.float64
        block.velocity()[:] = np.nan  # a copy
        assert np.isfinite(block.velocity()).all()


@pytest.mark.parametrize("name", [name for name in CASES if not fresh(CASES[name])])
@pytest.mark.parametrize("knob", [pytest.param("plain", marks=SLOW), "heavy", pytest.param("nesterov", marks=SLOW)])
def test_the_companion_is_the_linear_recursion_on_the_same_batches(make, name, knob):
    case, (momentum, nesterov) = CASES[name], KNOBS[knob]
    optimizer = SGD(1 / 32, 2, momentum=momentum, nesterov=nesterov)
    draws, sizes = given_draws(case, 2), np.where(np.arange(STEPS) % 3 == 2, 1, 2)
    hessian = np.array(case.model.hessian)
    block = block_from(make, case, optimizer, companion=True)
    block.follow(draws, sizes)
    exact = []
    for replica in range(REPLICAS):
        drawn = [draw[:size, ..., replica] for draw, size in zip(draws, sizes, strict=True)]
        gradient = lambda y, batch: plus(times(hessian, y), case.noise(batch))  # noqa: E731
        exact.append(
            path_of_fractions(
                gradient, [Fraction(0)] * DIMENSION, drawn, optimizer.learning_rate, Fraction(momentum), nesterov
            )[0]
        )
    assert ratio(block.companion(), exact, "float64") <= LIMIT
    assert ratio(block.state(), exact_offsets(case, draws, sizes, optimizer), "float64") <= LIMIT


def test_gaussian_features_have_no_control_variate(make):
    with pytest.raises(TypeError, match="no control variate"):
        block_from(make, CASES["gaussian features"], SGD(1 / 32, 1), companion=True)


# Other people's optimizers, on losses that they differentiate themselves.


def losses(case, lib):
    """Return the loss of a batch at parameters, in torch or jax.numpy."""
    model, minimum = case.model, np.array([float(v) for v in case.minimum])
    if isinstance(model, RankOneModel):
        X, y = lib.asarray(model.features), lib.asarray(model.features @ minimum - model.residuals)
        return lambda theta, batch: (
            ((X[batch] @ theta - y[batch]) ** 2).mean() / 2 + model.ridge / 2 * (theta * theta).sum()
        )
    shared = isinstance(model, SharedCurvatureModel)
    A = lib.asarray(model.hessian[None].repeat(D, 0) if shared else model.curvatures)
    g, origin = lib.asarray(model.gradients), lib.asarray(minimum)
    return lambda theta, batch: (
        sum((theta - origin) @ A[k] @ (theta - origin) / 2 + g[k] @ (theta - origin) for k in batch) / len(batch)
    )


def path_of_torch(case, start, batches, rate, momentum, nesterov):
    torch = pytest.importorskip("torch")
    theta, loss = torch.tensor(start, dtype=torch.float64, requires_grad=True), losses(case, torch)
    optimizer = torch.optim.SGD([theta], lr=rate, momentum=momentum, nesterov=nesterov, weight_decay=0)
    for batch in batches:
        optimizer.zero_grad()
        loss(theta, torch.asarray(batch)).backward()
        optimizer.step()
    held = optimizer.state[theta].get("momentum_buffer")
    return theta.detach().numpy(), np.zeros(len(start)) if held is None else held.numpy()


def path_of_optax(case, start, batches, rate, momentum, nesterov):
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    with jax.enable_x64(True):
        theta, slope = jax.numpy.asarray(start), jax.jit(jax.grad(losses(case, jax.numpy)))
        optimizer = optax.sgd(rate, momentum=momentum or None, nesterov=nesterov)
        memory = optimizer.init(theta)
        for batch in batches:
            changes, memory = optimizer.update(slope(theta, batch), memory)
            theta = optax.apply_updates(theta, changes)
        assert theta.dtype == "float64"
        return np.array(theta), np.array(memory[0].trace) if momentum else np.zeros(len(start))


NEAR = ["rank one", "rank one, ridge", "shared curvature", "matrix"]


@pytest.fixture(scope="module", params=[path_of_torch, path_of_optax], ids=["torch", "optax"])
def their_paths(request):
    """The last parameters and velocities of each case and way of moving in somebody else's optimizer, found once."""
    known = {}

    def paths(name, knob):
        if (name, knob) not in known:
            case, (momentum, nesterov) = CASES[name], KNOBS[knob]
            minimum = np.array([float(v) for v in case.minimum])
            draws = given_draws(case, 2)
            ends = [
                request.param(case, minimum + case.start[:, r], draws[:, :, r], 1 / 32, momentum, nesterov)
                for r in range(REPLICAS)
            ]
            known[name, knob] = np.stack(ends, axis=-1)
        return known[name, knob]

    return paths


@pytest.mark.parametrize("name", NEAR)
@pytest.mark.parametrize("knob", [pytest.param("plain", marks=SLOW), "heavy", "nesterov"])
def test_the_same_batches_give_the_path_of(make, their_paths, name, knob):
    """Theirs rounds parameters, not offsets, so the scale holds the minimum too; twice LIMIT, for two rounded paths."""
    case, (momentum, nesterov) = CASES[name], KNOBS[knob]
    optimizer, draws = SGD(1 / 32, 2, momentum=momentum, nesterov=nesterov), given_draws(case, 2)
    block = block_from(make, case, optimizer)
    block.follow(draws)
    minimum = np.array([float(v) for v in case.minimum])[:, None]
    theirs, held = their_paths(name, knob)
    scale = max(np.abs(minimum).max(), np.abs(theirs).max())
    error = np.abs(block.state() + minimum - theirs).max()
    assert error <= 2 * LIMIT * STEPS * DIMENSION * ROUNDOFF["float64"] * scale
    assert np.abs(theirs - minimum - case.start).max() > 0.01  # they moved
    # A gradient is rounded as what it is made of, curvatures up to 20 times parameters.
    assert np.abs(block.velocity() - held).max() <= 20 * 2 * LIMIT * STEPS * DIMENSION * ROUNDOFF["float64"] * scale


# A block's own draws, replayed.


REPLAYED = [
    ("gaussian", "replacement"),
    ("gaussian features", "replacement"),
    ("rank one, ridge", "replacement"),
    pytest.param("rank one, ridge", "without_replacement", marks=SLOW),
    ("rank one, ridge", "reshuffle"),
    ("matrix", "without_replacement"),
    ("shared curvature", "reshuffle"),
]


@pytest.mark.parametrize(("name", "sampling"), REPLAYED)
def test_replayed_draws_give_what_advance_gives(make, name, sampling):
    """Draws are those of ``advance`` however it is cut into calls, and do not depend on what is done with them."""
    case = CASES[name]
    optimizer = SGD(1 / 32, 4, momentum=0.75, sampling=sampling)  # epochs of 4 + 2
    own, drawn, replayed = (block_from(make, case, optimizer) for _ in range(3))
    own.advance(5)
    own.advance(0)
    saved, middle = own.save(), own.state()
    own.advance(STEPS - 5)
    before = drawn.state()
    draws, sizes = drawn.draw(STEPS)
    replayed.follow(draws, sizes)
    exact = exact_offsets(case, draws, sizes, optimizer)
    assert ratio(own.state(), exact, "float64") <= LIMIT
    assert ratio(replayed.state(), exact, "float64") <= LIMIT
    np.testing.assert_array_equal(drawn.state(), before)
    if sampling == "reshuffle":
        assert sizes.tolist() == [4, 2] * (STEPS // 2)
    end = own.state()
    own.restore(saved)
    np.testing.assert_array_equal(own.state(), middle)
    own.advance(STEPS - 5)
    np.testing.assert_array_equal(own.state(), end)
    optimizer = SGD(1 / 8, 4, momentum=0.5, sampling=sampling)
    other = make(case.model, optimizer, np.zeros(DIMENSION), REPLICAS, np.random.SeedSequence(5))
    first, second = other.draw(5), other.draw(STEPS - 5)
    for piece, whole in zip(zip(first, second, strict=True), (draws, sizes), strict=True):
        np.testing.assert_array_equal(np.concatenate(piece), whole)
