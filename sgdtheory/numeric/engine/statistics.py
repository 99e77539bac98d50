"""Statistics that can be merged: centred sums of blocks of replicas, put together by Chan's formulas.

Each block takes two passes over its own replicas. Means are kept relative to an origin near the data, so that a mean
far from zero costs no digits of a variance.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np


def root_of(variance: np.ndarray) -> np.ndarray:
    """Return the square root of a variance that rounding may have made negative; NaN stays NaN."""
    return np.sqrt(np.where(variance < 0, 0.0, variance))


def _centred(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return origin, mean relative to it, and deviations of (..., n) from their mean."""
    origin = values.mean(axis=-1)
    deviations = values - origin[..., None]
    mean = deviations.mean(axis=-1)
    return origin, mean, deviations - mean[..., None]


@dataclass(frozen=True)
class CrossMoments:
    """Centred sums up to fourth order of two vectors x and y, for their covariance and its standard error.

    Attributes
    ----------
    count
        Number n of replicas.
    origin, mean
        (2, d): of x and of y; the mean is relative to the origin.
    squares
        (2, d): sums of x_i^2 and y_j^2.
    products
        (d, d): sums of x_i y_j.
    thirds
        (2, d, d): sums of x_i^2 y_j and x_i y_j^2.
    fourths
        (d, d): sums of x_i^2 y_j^2.
    """

    count: int
    origin: np.ndarray
    mean: np.ndarray
    squares: np.ndarray
    products: np.ndarray
    thirds: np.ndarray
    fourths: np.ndarray

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray) -> CrossMoments:
        """Return the sums of (d, n) replicas of both vectors."""
        origin, mean, (x, y) = _centred(np.stack([x, y]))
        thirds = np.stack([x**2 @ y.T, x @ (y**2).T])
        squares = np.stack([(x**2).sum(axis=1), (y**2).sum(axis=1)])
        return cls(x.shape[1], origin, mean, squares, x @ y.T, thirds, x**2 @ (y**2).T)

    def merged(self, other: CrossMoments) -> CrossMoments:
        """Return the sums of both together."""
        count = self.count + other.count
        delta = (other.origin - self.origin) + other.mean - self.mean
        first = self._about(-delta * (other.count / count))
        second = other._about(delta * (self.count / count))
        sums = (a + b for a, b in zip(first, second, strict=True))
        return CrossMoments(count, self.origin, self.mean + delta * (other.count / count), *sums)

    def _about(self, shift: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the sums of x + u and y + v."""
        u, v, n = shift[0][:, None], shift[1][None], self.count
        xx, yy, xy = self.squares[0][:, None], self.squares[1][None], self.products
        xxy, xyy = self.thirds
        return (
            self.squares + n * shift**2,
            xy + n * u * v,
            np.stack([xxy + 2 * u * xy + v * xx + n * u**2 * v, xyy + 2 * v * xy + u * yy + n * u * v**2]),
            self.fourths + 2 * (v * xxy + u * xyy) + (v**2 * xx + u**2 * yy + 4 * u * v * xy) + n * (u**2 * v**2),
        )

    @property
    def averages(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean of x (d,) and its standard error."""
        n = self.count
        return self.origin[0] + self.mean[0], np.sqrt(self.squares[0] / (n - 1) / n)

    @property
    def covariance(self) -> tuple[np.ndarray, np.ndarray]:
        """Covariance of x and y (d, d) and its standard error: infinite for two replicas, which show none."""
        n = self.count
        spread = (self.fourths - self.products**2 / n) / (n - 1)  # of the products x_i y_j
        unknown = np.inf if n == 2 else 0.0
        return self.products / (n - 1), root_of(spread / n) + unknown


@dataclass(frozen=True)
class JointSums:
    """Means and centred cross sums of k variables, entry by entry of a shape that they share.

    Attributes
    ----------
    count
        Number n of replicas.
    origin, mean
        (k, ...); the mean is relative to the origin.
    cross
        (k, k, ...): sums of products of deviations.
    """

    count: int
    origin: np.ndarray
    mean: np.ndarray
    cross: np.ndarray

    @classmethod
    def of(cls, *variables: np.ndarray) -> JointSums:
        """Return the sums of variables (..., n), whose shapes are broadcast against each other."""
        shape = np.broadcast_shapes(*(values.shape[:-1] for values in variables))
        parts = [_centred(values) for values in variables]
        origin, mean = (np.stack([np.broadcast_to(part[i], shape) for part in parts]) for i in (0, 1))
        k = len(parts)
        cross = np.empty((k, k, *shape))
        for a in range(k):
            for b in range(a + 1):
                cross[a, b] = cross[b, a] = np.einsum("...n,...n->...", parts[a][2], parts[b][2])
        return cls(variables[0].shape[-1], origin, mean, cross)

    def merged(self, other: JointSums) -> JointSums:
        """Return the sums of both together."""
        count = self.count + other.count
        delta = (other.origin - self.origin) + other.mean - self.mean
        between = delta[:, None] * delta[None] * (self.count * (other.count / count))
        mean = self.mean + delta * (other.count / count)
        return JointSums(count, self.origin, mean, self.cross + other.cross + between)

    @property
    def averages(self) -> np.ndarray:
        """Means (k, ...)."""
        return self.origin + self.mean

    @property
    def standard_errors(self) -> np.ndarray:
        """Standard errors of the means (k, ...)."""
        diagonal = np.moveaxis(np.diagonal(self.cross), -1, 0)
        return root_of(diagonal / (self.count - 1) / self.count)


class Curve:
    """Sums of one variable that the same replicas show time after time."""

    def __init__(self) -> None:
        self._origins: list[float] = []
        self._means: list[float] = []
        self._squares: list[float] = []
        self._count = 0

    def add(self, values: np.ndarray) -> bool:
        """Add values (n,) seen at one more time; return whether their squares have a finite sum."""
        self._count = len(values)
        origin = np.add.reduce(values) / self._count
        deviations = values - origin
        mean = np.add.reduce(deviations) / self._count
        self._origins.append(origin)
        self._means.append(mean)
        self._squares.append(deviations @ deviations - self._count * mean * mean)
        return math.isfinite(self._squares[-1] + self._count * origin * origin)

    def sums(self) -> JointSums:
        """Return the sums (times,) so far."""
        origin, mean, squares = (np.array(column) for column in (self._origins, self._means, self._squares))
        return JointSums(self._count, origin[None], mean[None], squares[None, None])


def merge(first: Any, second: Any) -> Any:
    """Return statistics, or tuples and dictionaries of them, of two sets of replicas together."""
    if isinstance(first, dict):
        return {name: merge(first[name], second[name]) for name in first}
    if isinstance(first, tuple):
        return tuple(merge(a, b) for a, b in zip(first, second, strict=True))
    return first.merged(second)


def merge_all(parts: Sequence[Any]) -> Any:
    """Return the statistics of all parts together, merged in their order."""
    return reduce(merge, parts)
