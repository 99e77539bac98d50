"""Laws of the noise that a step takes as its argument."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class GaussianNoise:
    """Zero-mean Gaussian noise with the given covariance, (d, d)."""

    covariance: sp.ImmutableMatrix


@dataclass(frozen=True)
class BatchMean:
    """The mean of a mini-batch drawn from fixed samples.

    Attributes
    ----------
    samples
        The data, one (d, 1) column each.
    batch_size
        Samples per batch.
    sampling
        ``"replacement"`` or ``"without_replacement"`` (a fresh subset each step).
    """

    samples: tuple[sp.ImmutableMatrix, ...]
    batch_size: int
    sampling: str

    def batches(self) -> Iterator[tuple[int, ...]]:
        """Yield every batch of indices; all are equally likely."""
        indices = range(len(self.samples))
        if self.sampling == "without_replacement":
            return itertools.combinations(indices, self.batch_size)
        return itertools.product(indices, repeat=self.batch_size)


NoiseLaw = GaussianNoise | BatchMean
