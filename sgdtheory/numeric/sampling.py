"""Draws of mini-batch indices, one column for each replica, and the square root that turns normals into noise."""

from __future__ import annotations

import numpy as np


class IndexSampler:
    """Draws mini-batches of indices for many replicas at once.

    Parameters
    ----------
    rng
        Source of randomness.
    dataset_size, batch_size
        How many indices there are, and how many a batch has.
    sampling
        ``"replacement"``: independent draws; ``"without_replacement"``: a fresh subset each time; ``"reshuffle"``:
        epochs, each a permutation cut into batches, of which the last may be smaller.
    """

    def __init__(self, rng: np.random.Generator, dataset_size: int, batch_size: int, sampling: str) -> None:
        self._rng, self._D, self._m, self._sampling = rng, dataset_size, batch_size, sampling
        self._order: np.ndarray | None = None
        self._used = 0  # places of the present epoch that are gone

    def __call__(self, replicas: int) -> np.ndarray:
        """Return indices of shape (batch_size, replicas), fewer rows at the end of an epoch."""
        if self._sampling == "replacement":
            return self._rng.integers(0, self._D, size=(self._m, replicas), dtype=np.int32)
        if self._order is None or self._order.shape[1] != replicas:
            self._order = np.repeat(np.arange(self._D, dtype=np.int32)[:, None], replicas, axis=1)
            self._used = 0
        first = self._used
        last = min(first + self._m, self._D)
        self._shuffle(first, last)
        if self._sampling == "reshuffle":
            self._used = last % self._D
        return self._order[first:last].copy()

    def _shuffle(self, first: int, last: int) -> None:
        """Settle the places from ``first`` to ``last`` of a Fisher-Yates shuffle.

        Its first places are a uniform subset, and all of them a uniform permutation, whatever order it starts from, so
        each replica's order is kept from step to step and from epoch to epoch.
        """
        order, columns = self._order, np.arange(self._order.shape[1])  # type: ignore[index,union-attr]
        for place in range(first, last):
            chosen = self._rng.integers(place, self._D, size=len(columns))
            picked = order[chosen, columns]
            order[chosen, columns] = order[place]
            order[place] = picked

    def save(self) -> tuple[np.ndarray | None, int]:
        """Return where the shuffle stands."""
        return (None if self._order is None else self._order.copy()), self._used

    def restore(self, saved: tuple[np.ndarray | None, int]) -> None:
        """Come back to where a shuffle stood; the source of randomness is restored elsewhere."""
        order, self._used = saved
        self._order = None if order is None else order.copy()


def square_root(covariance: np.ndarray) -> np.ndarray:
    """Return a matrix R with R R' = covariance, singular ones included."""
    eigenvalues, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.clip(eigenvalues, 0.0, None))
