"""How the second moments forget the start where curvature varies between samples.

Two runs on the same batches, one from e and one from the stationary state e*, differ by D with D <- (step without
noise) D, so E[D D'] follows the linear map T of second moments without a source. With u = T^t (start start') and
w = T^t (stationary moment), both over the stationary moment s, the second moment of the run is s to within
u + 2 sqrt(u) + w, by Cauchy and Schwarz; the root is what curvature and gradient have in common at the same sample.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from sgdtheory.numeric.engine.linear_step import pairs
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.numeric.moments.noise_loop import NoiseLoop
from sgdtheory.numeric.solvers.sampled_curvature import SampledCurvature

LARGEST_MATRIX = 256  # numbers in a second moment up to which its map is written out as a matrix
NO_NOISE = 1e25  # stands for the ratio of a start to a stationary moment of zero


class MeanSquare(Protocol):
    """The fall of the second moments."""

    rate: float

    def left(self, steps: int) -> float:
        """Return a bound on what is left of the start, relative to the stationary second moments."""


def ratio(value: np.ndarray, floor: np.ndarray) -> np.ndarray:
    """Return value / floor, with a large number for infinity and nothing of nothing."""
    value, floor = np.broadcast_arrays(value, floor)
    return np.divide(value, floor, out=np.where(value > 0, NO_NOISE, 0.0), where=floor > 0)


@dataclass(frozen=True, eq=False)
class WrittenOut:
    """The exact fall, for few parameters.

    Attributes
    ----------
    rate
        Spectral radius of T.
    powers
        T, T^2, T^4, ..., each (k, k); they are worked out as they are needed.
    start, stationary
        (k,): the second moments of z z', flattened.
    diagonal
        Places of the parameters' squares.
    """

    rate: float
    start: np.ndarray
    stationary: np.ndarray
    diagonal: np.ndarray
    powers: list[np.ndarray] = field(default_factory=list)

    @classmethod
    def of(
        cls,
        curvature: SampledCurvature,
        share: float,
        linear: LinearOptimizer,
        modes: np.ndarray,
        noise: np.ndarray,
        e: np.ndarray,
    ) -> WrittenOut:
        """Return the fall in the modes (n,) of the mean curvature, with the noise (n, n) and the start e (n,) there."""
        b, n, q = linear.drive, len(modes), linear.size
        both, source = pairs(linear.along(modes), b, noise)
        matrix = np.zeros((n, n, q * q, n, n, q * q))
        pushed, seen = np.outer(b, b).ravel(), np.outer(linear.look, linear.look).ravel()
        for i in range(n):
            for j in range(n):
                matrix[i, j, :, i, j] += both[i, j]
                unit = np.zeros((n, n))
                unit[i, j] = unit[j, i] = 0.5 if i != j else 1.0  # T is asked for symmetric moments only
                felt = share * curvature.spread(unit)
                matrix[..., i, j, :] += felt[..., None, None] * np.outer(pushed, seen)
        size = n * n * q * q
        matrix = matrix.reshape(size, size)
        rate = float(np.abs(np.linalg.eigvals(matrix)).max(initial=0.0))
        start = np.outer(e, e)[..., None] * np.outer(linear.start, linear.start).ravel()
        stationary = np.linalg.solve(np.eye(size) - matrix, source.ravel()) if rate < 1 else np.full(size, np.nan)
        diagonal = np.arange(n) * (n + 1) * q * q
        return cls(rate, start.ravel(), stationary, diagonal, [matrix])

    def left(self, steps: int) -> float:
        """Return a bound on what is left of the start, relative to the stationary second moments."""
        both, place = np.stack([self.start, self.stationary], axis=1), 0
        while steps >> place:
            if place == len(self.powers):
                self.powers.append(self.powers[-1] @ self.powers[-1])
            if steps >> place & 1:
                both = self.powers[place] @ both
            place += 1
        floor = self.stationary[self.diagonal]
        started, kept = (ratio(np.maximum(column, 0.0), floor) for column in both[self.diagonal].T)
        return float((started + 2 * np.sqrt(started) + kept).max(initial=0.0))


@dataclass(frozen=True, eq=False)
class Bounded:
    """A bound on the fall, from a measure of second moments that T multiplies by no more than its spectral radius.

    Without momentum T is symmetric in tr(S S'), and the measure is the Frobenius norm, which is no less than any second
    moment along an eigenvector. With momentum it is tr(W S), with the W > 0 that T's adjoint multiplies by the radius;
    a second moment in the direction v is at most tr(W S) v' W^-1 v.

    Attributes
    ----------
    rate
        Spectral radius of T.
    start, stationary
        Bounds on the second moments of the parameters, over the stationary ones, before the first step.
    """

    rate: float
    start: float
    stationary: float

    @classmethod
    def of(cls, loop: NoiseLoop, source: np.ndarray, offset: np.ndarray) -> Bounded:
        """Return the bound for a loop, the (d, d) covariance of a batch's gradient at the minimum, the start (d,)."""
        if not loop.contracts:
            return cls(1.0, np.inf, np.inf)
        linear, V = loop.optimizer, loop.modes.vectors
        state, moved = loop.solve(source).state, V.T @ offset
        inside = np.einsum("ki,abkl,lj->ijab", V, state, V, optimize=True)
        begin = np.einsum("ij,a,b->ijab", np.outer(moved, moved), linear.start, linear.start)
        floor = np.maximum(np.einsum("a,iiab,b->i", linear.held, inside, linear.held), 0.0)
        if linear.size == 1:
            found = [ratio(np.linalg.norm(moments), floor.min(initial=np.inf)) for moments in (begin, inside)]
            return cls(loop.contraction_rate, *map(float, found))
        W = loop.measure()
        r, s = W.shape[1:3]
        inverse = np.linalg.inv(W.swapaxes(1, 2).reshape(r * s, r * s)).reshape(r, s, r, s)
        reach = np.einsum("a,iaib,b->i", linear.held, inverse, linear.held)
        found = [ratio(np.vdot(W, moments) * reach, floor).max(initial=0.0) for moments in (begin, inside)]
        return cls(loop.contraction_rate, *map(float, found))

    def left(self, steps: int) -> float:
        """Return a bound on what is left of the start, relative to the stationary second moments."""
        fall = self.rate**steps
        started = self.start * fall
        return started + 2 * started**0.5 + self.stationary * fall
