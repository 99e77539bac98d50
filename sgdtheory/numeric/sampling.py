"""Draws of the noise: mini-batch indices and Gaussian vectors, one column for each replica."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

import numpy as np

from sgdtheory.processes.noise import BatchMean, GaussianNoise

Sampler = Callable[[int], np.ndarray]


class IndexSampler:
    """Draws mini-batches of indices for many replicas at once.

    Parameters
    ----------
    rng
        Source of randomness.
    dataset_size, batch_size
        How many indices there are, and how many a batch has.
    sampling
        ``"replacement"``: independent draws; ``"without_replacement"``: a fresh subset each time.
    """

    def __init__(self, rng: np.random.Generator, dataset_size: int, batch_size: int, sampling: str) -> None:
        self._rng, self._D, self._m, self._sampling = rng, dataset_size, batch_size, sampling
        self._order: np.ndarray | None = None

    def __call__(self, replicas: int) -> np.ndarray:
        """Return indices of shape (batch_size, replicas)."""
        if self._sampling == "replacement":
            return self._rng.integers(0, self._D, size=(self._m, replicas), dtype=np.int32)
        # The first m places of a partial Fisher-Yates shuffle are a uniform subset whatever order it starts from,
        # so each replica's order is kept from step to step.
        if self._order is None or self._order.shape[1] != replicas:
            self._order = np.repeat(np.arange(self._D, dtype=np.int32)[:, None], replicas, axis=1)
        order, columns = self._order, np.arange(replicas)
        for place in range(self._m):
            chosen = self._rng.integers(place, self._D, size=replicas)
            picked = order[chosen, columns]
            order[chosen, columns] = order[place]
            order[place] = picked
        return order[: self._m].copy()


def square_root(covariance: np.ndarray) -> np.ndarray:
    """Return a matrix R with R R' = covariance, singular ones included."""
    eigenvalues, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.clip(eigenvalues, 0.0, None))


def gaussian_sampler(covariance: np.ndarray, rng: np.random.Generator) -> Sampler:
    """Return a sampler of zero-mean Gaussian columns (d, replicas)."""
    root = square_root(covariance)
    return lambda replicas: root @ rng.standard_normal((root.shape[1], replicas))


@singledispatch
def sampler(noise: object, rng: np.random.Generator) -> Sampler:
    """Return a sampler of the noise argument, columns of shape (d, replicas)."""
    raise TypeError(f"no sampler for {type(noise).__name__}")


@sampler.register
def _(noise: GaussianNoise, rng: np.random.Generator) -> Sampler:
    return gaussian_sampler(np.array(noise.covariance, dtype=float), rng)


@sampler.register
def _(noise: BatchMean, rng: np.random.Generator) -> Sampler:
    samples = np.array([list(sample) for sample in noise.samples], dtype=float).T
    draw = IndexSampler(rng, len(noise.samples), noise.batch_size, noise.sampling)
    return lambda replicas: samples[:, draw(replicas)].mean(axis=1)
