"""Batches of curvatures, drawn for many chains at once, and their products with the chains' states."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sgdtheory.errors import DomainError
from sgdtheory.numeric.engine.model import epoch_sizes
from sgdtheory.numeric.solvers.sampled_curvature import GaussianCurvature, RankOneCurvature
from sgdtheory.numeric.stability.problem_curvature import DrawnCurvature, Samples

MOST_DRAWN = 10**7  # samples at a time


@dataclass(frozen=True, eq=False)
class Batches:
    """How batches are drawn from samples.

    Attributes
    ----------
    samples
        The curvatures, in the coordinates of the states.
    size
        Samples per batch.
    sampling
        As in ``SGD``; an endless stream knows ``"replacement"`` only.
    ridge
        A curvature that all samples have beside their own.
    """

    samples: Samples
    size: int
    sampling: str = "replacement"
    ridge: float = 0.0

    def products(self, rng: np.random.Generator, chains: int) -> Iterator[Product]:
        """Yield, step after step without end, the product of each chain's batch with its states (chains, r, k)."""
        samples, m = self.samples, self.size
        if isinstance(samples, GaussianCurvature):
            root = np.linalg.cholesky(samples.covariance)
            while True:
                yield Product(_normals(rng, chains, m, len(root)) @ root.T, 1 / m, self.ridge)
        if isinstance(samples, DrawnCurvature):
            _check_memory(chains * m)
            while True:
                drawn = samples.draw(rng, chains * m)
                yield Product(drawn.reshape(chains, m, *drawn.shape[1:]).mean(axis=1))
        rows = samples.features if isinstance(samples, RankOneCurvature) else samples.matrices
        while self.sampling == "replacement" and m > 2 * len(rows):  # count how often each sample is drawn
            shares = rng.multinomial(m, np.full(len(rows), 1 / len(rows)), chains) / m
            if rows.ndim == 2:
                yield Product(rows, shares[..., None], self.ridge)
            else:
                yield Product(np.tensordot(shares, rows, 1))
        for picked in self._indices(rng, chains, len(rows)):
            if rows.ndim == 2:
                yield Product(rows[picked], 1 / picked.shape[1], self.ridge)
            else:
                yield Product(rows[picked].mean(axis=1))

    def _indices(self, rng: np.random.Generator, chains: int, count: int) -> Iterator[np.ndarray]:
        """Yield (chains, batch) indices without end."""
        while self.sampling == "replacement":
            yield rng.integers(count, size=(chains, self.size))
        while self.sampling == "without_replacement":
            keys = rng.random((chains, count))
            yield np.argpartition(keys, self.size - 1, axis=1)[:, : self.size]
        ends = np.cumsum(epoch_sizes(count, self.size))[:-1]
        while True:
            yield from np.split(rng.permuted(np.tile(np.arange(count), (chains, 1)), axis=1), ends, axis=1)


@dataclass(frozen=True, eq=False)
class Product:
    """The curvature of each chain's batch.

    Attributes
    ----------
    rows
        Matrices (chains, r, r); or, with weights, features (chains, m, r) or (m, r), whose x x' are summed up.
    weights
        Of the features, a number or (chains, m, 1); None for matrices.
    ridge
        Added to the sum over features.
    """

    rows: np.ndarray
    weights: float | np.ndarray | None = None
    ridge: float = 0.0

    def __call__(self, states: np.ndarray) -> np.ndarray:
        """Return the products with states (chains, r, k)."""
        if self.weights is None:
            return self.rows @ states
        return self.rows.swapaxes(-1, -2) @ (self.weights * (self.rows @ states)) + self.ridge * states


def _check_memory(samples: int) -> None:
    if samples > MOST_DRAWN:
        raise DomainError(
            "batches are too large to be drawn",
            got=f"{samples:.3g} samples in a step of all runs",
            allowed=f"at most {MOST_DRAWN:.3g}",
            mend="take a smaller batch",
        )


def _normals(rng: np.random.Generator, chains: int, m: int, r: int) -> np.ndarray:
    """Return standard normal rows (chains, m, r), or as few as r whose sum of x x' has the same law, by Bartlett."""
    if m <= r:
        return rng.standard_normal((chains, m, r))
    triangle = np.tril(rng.standard_normal((chains, r, r)), -1)
    triangle[:, range(r), range(r)] = np.sqrt(rng.chisquare(m - np.arange(r), (chains, r)))
    return triangle.swapaxes(1, 2)
