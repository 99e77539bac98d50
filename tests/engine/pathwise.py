"""Models in dyadic numbers, and the paths of SGD on them in rational arithmetic, which no block may leave."""

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

LIMIT = 30
ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24}
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


def path_of_fractions(gradient, start, draws, rate, momentum, nesterov, delay=0):
    """SGD in rationals, written from the words of torch's documentation: parameters and momentum buffers, each step."""
    theta, buffer, path, buffers = start, None, [], []
    for number, drawn in enumerate(draws):
        g = gradient([start, *path][max(0, number - delay)], drawn)
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
    knobs = (optimizer.learning_rate, Fraction(optimizer.momentum), optimizer.nesterov, optimizer.delay)
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
