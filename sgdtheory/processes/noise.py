"""Laws of the noise that a step takes as its argument."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial, prod
from typing import Any

import sympy as sp

Batch = tuple[int, ...]


@dataclass(frozen=True)
class GaussianNoise:
    """Zero-mean Gaussian noise with the given covariance, (d, d)."""

    covariance: sp.ImmutableMatrix


@dataclass(frozen=True)
class Batches:
    """Mini-batches drawn from fixed samples; a step takes the mean over its batch.

    Attributes
    ----------
    samples
        The data; each law says what one holds.
    batch_size
        Samples per batch.
    sampling
        ``"replacement"``, ``"without_replacement"`` (a fresh subset each step) or ``"reshuffle"`` (epochs, each a
        permutation cut into batches, of which the last may be smaller).
    """

    samples: tuple[Any, ...]
    batch_size: int
    sampling: str

    def draws(self) -> Iterator[tuple[int, tuple[Batch, ...]]]:
        """Yield what may be drawn afresh, in as many equally likely ways: one batch, or the batches of an epoch."""
        indices = range(len(self.samples))
        if self.sampling == "reshuffle":
            for batches in _cuts(frozenset(indices), self.batch_size):
                yield 1, batches
        elif self.sampling == "without_replacement":
            for batch in itertools.combinations(indices, self.batch_size):
                yield 1, (batch,)
        else:
            for batch in itertools.combinations_with_replacement(indices, self.batch_size):
                orders = factorial(len(batch)) // prod(map(factorial, Counter(batch).values()))
                yield orders, (batch,)


def _cuts(left: frozenset[int], size: int) -> Iterator[tuple[Batch, ...]]:
    """Yield the ways to cut a set into batches one after the other, the last holding what remains."""
    if len(left) <= size:
        yield (tuple(sorted(left)),)
        return
    for first in itertools.combinations(sorted(left), size):
        for rest in _cuts(left - set(first), size):
            yield first, *rest


@dataclass(frozen=True)
class BatchMean(Batches):
    """The mean of a mini-batch of vectors, each a (d, 1) column."""


@dataclass(frozen=True)
class BatchCurvature(Batches):
    """Curvature and gradient at the minimum of a mini-batch; a sample is a pair, (d, d) and (d, 1)."""


@dataclass(frozen=True)
class FeatureNoise:
    """Curvature and gradient at the minimum of a batch of Gaussian features with noisy targets.

    A sample's curvature is x x' and its gradient -x e, with features x and target noise e drawn afresh at each step.

    Attributes
    ----------
    covariance
        Of the features, (d, d); their mean is zero.
    noise_variance
        Variance of e, which is Gaussian and independent of x.
    batch_size
        Samples per batch.
    """

    covariance: sp.ImmutableMatrix
    noise_variance: sp.Expr
    batch_size: int


@dataclass(frozen=True)
class DrawnWorker:
    """The number of a worker, all equally likely, and beside it the noise of its gradient.

    Attributes
    ----------
    workers
        How many there are.
    noise
        Law of the noise.
    """

    workers: int
    noise: GaussianNoise


@dataclass(frozen=True)
class SeveralBatches:
    """The noise of batches that are drawn independently: a tuple of zero-mean Gaussian columns.

    Attributes
    ----------
    covariance
        Of each, (d, d).
    count
        How many there are.
    """

    covariance: sp.ImmutableMatrix
    count: int = 2


NoiseLaw = GaussianNoise | BatchMean | BatchCurvature | FeatureNoise | DrawnWorker | SeveralBatches
