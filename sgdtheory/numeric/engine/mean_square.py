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
from sgdtheory.numeric.solvers.sampled_curvature import SampledCurvature
from sgdtheory.numeric.solvers.second_moment_operator import SecondMomentOperator

LARGEST_MATRIX = 256  # numbers in a second moment up to which its map is written out as a matrix
NO_NOISE = 1e25  # stands for the ratio of a start to a stationary moment of zero


class MeanSquare(Protocol):
    """The fall of the second moments."""

    rate: float

    def left(self, steps: int) -> float:
        """Return a bound on what is left of the start, relative to the stationary second moments."""


def ratio(value: np.ndarray, floor: np.ndarray) -> np.ndarray:
    """Return value / floor, with a large number for infinity and nothing of nothing."""
    return np.divide(value, floor, out=np.where(value > 0, NO_NOISE, 0.0), where=floor > 0)


@dataclass(frozen=True, eq=False)
class WrittenOut:
    """The exact fall, for few parameters, with or without momentum.

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
        cls, curvature: SampledCurvature, share: float, A: np.ndarray, b: np.ndarray, noise: np.ndarray, e: np.ndarray
    ) -> WrittenOut:
        """Return the fall in coordinates in which the mean step is A (n, q, q), the noise (n, n), the start e (n,)."""
        n, q = A.shape[:2]
        both, source = pairs(A, b, noise)
        matrix = np.zeros((n, n, q * q, n, n, q * q))
        pushed = np.outer(b, b).ravel()
        for i in range(n):
            for j in range(n):
                matrix[i, j, :, i, j] += both[i, j]
                unit = np.zeros((n, n))
                unit[i, j] = unit[j, i] = 0.5 if i != j else 1.0  # T is asked for symmetric moments only
                matrix[..., i, j, 0] += share * curvature.spread(unit)[..., None] * pushed
        size = n * n * q * q
        matrix = matrix.reshape(size, size)
        rate = float(np.abs(np.linalg.eigvals(matrix)).max(initial=0.0))
        start = np.zeros((n, n, q * q))
        start[..., 0] = np.outer(e, e)
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
    """A bound on the fall without momentum: T is symmetric in tr(S S'), so that its powers fall as those of its radius.

    Attributes
    ----------
    rate
        Spectral radius of T.
    start, stationary
        Frobenius norms of the second moments, over the smallest stationary one along an eigenvector.
    """

    rate: float
    start: float
    stationary: float

    @classmethod
    def of(cls, operator: SecondMomentOperator, source: np.ndarray, vectors: np.ndarray, offset: np.ndarray) -> Bounded:
        """Return the bound for a map, its (d, d) source, the (d, n) directions that move, and the start (d,)."""
        rate = operator.spectral_radius()
        if rate >= 1:
            return cls(rate, np.inf, np.inf)
        stationary = operator.solve(source).solution
        floor = np.einsum("ai,ab,bi->i", vectors, stationary, vectors)
        norms = np.array([offset @ offset, np.linalg.norm(stationary)])
        start, kept = ratio(norms, np.full(2, max(float(floor.min(initial=np.inf)), 0.0)))
        return cls(rate, float(start), float(kept))

    def left(self, steps: int) -> float:
        """Return a bound on what is left of the start, relative to the stationary second moments."""
        fall = self.rate**steps
        started = self.start * fall
        return started + 2 * started**0.5 + self.stationary * fall
