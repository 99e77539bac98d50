"""What a law of noise can draw, as weighted sequences of affine steps.

Finite laws are enumerated. A Gaussian law is replaced by finitely many points, some with negative weight, that share
its moments up to the order that is needed; moments of the steps are then the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, singledispatch
from math import factorial
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.numeric.rational import fraction, fractions, identity, solve, zeros
from sgdtheory.processes.noise import Batches, DrawnWorker, FeatureNoise, GaussianNoise, SeveralBatches

# From what a step takes as its noise to the matrix of the step.
StepMatrix = Callable[[Any], np.ndarray]


@dataclass(frozen=True, eq=False)
class Paths:
    """Steps that are drawn together, those of an epoch or one alone, and the chance of each such path.

    Attributes
    ----------
    weights
        (K,): chances that add up to one; where the points stand for a Gaussian law some may be negative.
    steps
        One (K, s, s) array for each step of a path: matrices that act on (1, z).
    """

    weights: np.ndarray
    steps: tuple[np.ndarray, ...]

    @property
    def size(self) -> int:
        """Entries s of (1, z)."""
        return self.steps[0].shape[-1]

    def in_floats(self) -> Paths:
        """Return the same in floating-point numbers."""
        return Paths(self.weights.astype(float), tuple(step.astype(float) for step in self.steps))

    def chunks(self, size: int) -> Iterator[Paths]:
        """Yield the paths in pieces of at most a size."""
        for first in range(0, len(self.weights), size):
            piece = slice(first, first + size)
            yield Paths(self.weights[piece], tuple(step[piece] for step in self.steps))


@singledispatch
def paths(noise: Any, step: StepMatrix, order: int) -> Paths:
    """Return the paths of a law of noise; their moments are right up to the order, exact for two, in floats for four.

    ``step`` gives the matrix of a step for what the step takes as its noise.
    """
    raise TypeError(f"no enumeration of {type(noise).__name__}")


@paths.register
def _(noise: GaussianNoise, step: StepMatrix, order: int) -> Paths:
    lower, variances = _unit_triangular(noise.covariance)
    weights, nodes = zip(*gaussian_points(variances), strict=True)
    return _finished(weights, [np.array([step(lower @ node) for node in nodes])], order)


@paths.register
def _(noise: Batches, step: StepMatrix, order: int) -> Paths:
    ways, sequences = zip(*noise.draws(), strict=True)
    known = {batch: step(_mean(noise, batch)) for batch in set(itertools.chain(*sequences))}
    steps = [np.array([known[batch] for batch in batches]) for batches in zip(*sequences, strict=True)]
    return _finished([Fraction(way, sum(ways)) for way in ways], steps, order)


@paths.register
def _(noise: DrawnWorker, step: StepMatrix, order: int) -> Paths:
    of_each = [
        paths(noise.noise, lambda drawn, worker=worker: step((worker, drawn)), order) for worker in range(noise.workers)
    ]
    weights = np.concatenate([found.weights / noise.workers for found in of_each])
    return Paths(weights, (np.concatenate([found.steps[0] for found in of_each]),))


@paths.register
def _(noise: SeveralBatches, step: StepMatrix, order: int) -> Paths:
    d, count = noise.covariance.rows, noise.count
    together = GaussianNoise(sp.ImmutableMatrix(sp.diag(*[noise.covariance] * count)))
    return paths(together, lambda drawn: step(tuple(drawn[d * k : d * (k + 1)] for k in range(count))), order)


def _finished(weights: Sequence[Any], steps: list[np.ndarray], order: int) -> Paths:
    exact = Paths(np.array(weights, dtype=object), tuple(steps))
    return exact if order <= 2 else exact.in_floats()


def _mean(noise: Batches, batch: tuple[int, ...]) -> Any:
    """Return the mean over a batch of samples; a sample of several parts has one for each part."""
    samples = _in_fractions(noise.samples)
    if isinstance(samples[0], tuple):
        return tuple(sum(samples[i][part] for i in batch) / Fraction(len(batch)) for part in range(len(samples[0])))
    return sum(samples[i] for i in batch) / Fraction(len(batch))


@lru_cache(maxsize=512)
def _in_fractions(samples: tuple[Any, ...]) -> list[Any]:
    return [tuple(map(fractions, s)) if isinstance(s, tuple) else fractions(s) for s in samples]


@paths.register
def _(noise: FeatureNoise, step: StepMatrix, order: int) -> Paths:
    one = _one_feature(noise, step, order)
    mean = np.tensordot(one.weights, one.steps[0], axes=1)
    m = noise.batch_size
    # A batch's mean is 1/m times the sum of independent deviations, whose cumulants add up: the second and third
    # moments of deviations and, of the fourth, the cumulant, are right if one sample's are shrunk by 1/m and
    # weighted by m.
    weights = [one.weights * m, np.array([1 - m])]
    steps = [mean + (one.steps[0] - mean) / m, mean[None]]
    if order > 2 and m > 1:
        more = _pairs_of_samples(one, mean, m)
        weights.append(more.weights)
        steps.append(more.steps[0])
    return Paths(np.concatenate(weights), (np.concatenate(steps),))


def _one_feature(noise: FeatureNoise, step: StepMatrix, order: int) -> Paths:
    """Return the step of a batch of one sample for each of the points that stand for its features and its target.

    The gradient is quadratic in the features and linear in the target's noise.
    """
    lower, variances = _unit_triangular(noise.covariance)
    target = matching_law(fraction(noise.noise_variance), order)
    if order <= 2:
        drawn = list(itertools.product(gaussian_points(variances), target))
        weights = np.array([one * other for (one, _), (other, _) in drawn], dtype=object)
        features = [(lower @ node, error) for (_, node), (_, error) in drawn]
        return Paths(weights, (np.array([step((x @ x.T, -error * x)) for x, error in features]),))
    chances, nodes = zip(*(zip(*matching_law(v, 2 * order), strict=True) for v in variances), strict=True)
    errors_law = tuple(zip(*target, strict=True))
    weights = _grid((*chances, errors_law[0])).prod(axis=1)
    points = _grid((*nodes, errors_law[1]))
    x, errors = points[:, :-1] @ lower.T.astype(float), points[:, -1:]
    return Paths(weights, (_affine(step, x[:, :, None] * x[:, None, :], -errors * x),))


def _grid(axes: Sequence[Sequence[Fraction]]) -> np.ndarray:
    """Return all combinations of one entry of each axis, in floats, one a row."""
    return np.array(list(itertools.product(*[[float(entry) for entry in axis] for axis in axes])))


def _affine(step: StepMatrix, curvatures: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """Return the steps' matrices in floats, read off unit curvatures and gradients, in which a step is affine."""
    d = gradients.shape[1]
    unit, none = identity(d), zeros(d, 1)
    origin = step((zeros(d, d), none))
    found = np.broadcast_to(origin.astype(float), (len(gradients), *origin.shape)).copy()
    for i in range(d):
        found += gradients[:, i, None, None] * (step((zeros(d, d), unit[:, [i]])) - origin).astype(float)
        for j in range(d):
            entry = np.outer(unit[i], unit[j])
            found += curvatures[:, i, j, None, None] * (step((entry, none)) - origin).astype(float)
    return found


def _pairs_of_samples(one: Paths, mean: np.ndarray, m: int) -> Paths:
    """Return what two different samples of a batch add to fourth moments, and to no others.

    It is as if the deviations were Gaussian with the covariance of one sample's: (m - 1) / m^3 times the sum over the
    three pairings. Points scaled by one and by two, with weights -4 and 1, leave no second moment.
    """
    deviations = (one.steps[0] - mean).reshape(len(one.weights), -1)
    values, vectors = np.linalg.eigh((deviations.T * one.weights) @ deviations)
    kept = values > 1e-13 * values.max(initial=1e-300)
    factor = vectors[:, kept] * np.sqrt(values[kept])
    weights, nodes = zip(*gaussian_points([Fraction(1)] * int(kept.sum())), strict=True)
    changes = (np.hstack(nodes).astype(float).T @ factor.T).reshape(-1, *mean.shape)
    share = np.array(weights, dtype=float) * (m - 1) / m**3 / 12
    steps = np.concatenate([mean + changes, mean + 2 * changes, mean[None]])
    return Paths(np.concatenate([-4 * share, share, [3 * share.sum()]]), (steps,))


def gaussian_points(variances: list[Fraction]) -> Iterator[tuple[Fraction, np.ndarray]]:
    """Yield weights and columns that share the moments, up to the fifth, of independent Gaussian entries."""
    n = len(variances)
    total = Fraction(0)

    def point(*places: tuple[int, int]) -> np.ndarray:
        column = zeros(n, 1)
        for place, entry in places:
            column[place, 0] = Fraction(entry)
        return column

    for i, j in itertools.combinations(range(n), 2):  # E[x_i^2 x_j^2]
        weight = variances[i] * variances[j] / 4
        total += 4 * weight
        for one, other in itertools.product((1, -1), repeat=2):
            yield weight, point((i, one), (j, other))
    for i, variance in enumerate(variances):  # E[x_i^4] and E[x_i^2], less what the pairs give
        others = variance * (sum(variances) - variance)
        outer = (3 * variance**2 - variance) / 24
        inner = (variance - others) / 2 - 4 * outer
        total += 2 * (inner + outer)
        for weight, size in ((inner, 1), (outer, 2)):
            yield from ((weight, point((i, sign * size))) for sign in (1, -1))
    yield 1 - total, point()


@lru_cache(maxsize=512)
def matching_law(variance: Fraction, order: int) -> list[tuple[Fraction, Fraction]]:
    """Return weights and nodes with the moments of a Gaussian variable up to an even order.

    Examples
    --------
    >>> [(str(weight), int(node)) for weight, node in matching_law(Fraction(1), 4)]
    [('1/2', 0), ('1/6', 1), ('1/6', -1), ('1/12', 2), ('1/12', -2)]
    """
    half = order // 2
    powers = np.array([[Fraction(n) ** (2 * k) for n in range(half + 1)] for k in range(half + 1)], dtype=object)
    moments = [variance**k * Fraction(factorial(2 * k), 2**k * factorial(k)) for k in range(half + 1)]
    both = solve(powers, np.array(moments, dtype=object))  # the weight of n and -n together
    found = [(both[0], Fraction(0))]
    for n in range(1, half + 1):
        found += [(both[n] / 2, Fraction(n)), (both[n] / 2, Fraction(-n))]
    return found


def _unit_triangular(covariance: sp.Matrix) -> tuple[np.ndarray, list[Fraction]]:
    """Return L and v with L diag(v) L' the covariance and L unit triangular, rational even where roots are not."""
    rest = fractions(covariance)
    n = len(rest)
    lower, variances = zeros(n, n), []
    for k in range(n):
        variances.append(rest[k, k])
        lower[k, k] = Fraction(1)
        if rest[k, k] == 0:  # then its row of a covariance is zero
            continue
        lower[k + 1 :, k] = rest[k + 1 :, k] / rest[k, k]
        rest = rest - rest[k, k] * np.outer(lower[:, k], lower[:, k])
    return lower, variances
