"""Shuffled epochs of small data sets: the mean of an epoch's map, and of its square, over all permutations.

An epoch is a product of steps whose batches share no sample, so its mean does not factor. It is built batch by batch:
the mean over all ways to have met a set of samples follows from those of the sets that lack its last batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np

from sgdtheory.numeric.engine.model import epoch_sizes
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer, of
from sgdtheory.numeric.stability.crossing import first_rise
from sgdtheory.optimizers import SGD

MOST_PRODUCTS = 6000  # of matrices, for one learning rate
MOST_SIZE = 64  # rows of such a matrix
STRIDE = 0.02  # of the limit of the mean of independent batches: between learning rates that are looked at,
FACTOR = 1.1  # and small ones, at which momentum can already be unstable, lie no further apart than by this
MOST_STRIDES = 1000


def can_enumerate(samples: int, dimension: int, optimizer: SGD, order: int) -> bool:
    """Return whether an epoch's mean (order 1) or mean square (order 2) is small enough to be worked out."""
    size = (dimension * (1 if optimizer.momentum == 0 else 2)) ** order
    met, products = 0, 0
    for batch in map(int, epoch_sizes(samples, optimizer.batch_size)):
        met += batch
        products += comb(samples, met) * comb(met, batch)
    return size <= MOST_SIZE and products <= MOST_PRODUCTS


def epoch_mean(matrices: np.ndarray, optimizer: LinearOptimizer, batch_size: int, order: int) -> np.ndarray:
    """Return the mean over permutations of an epoch's map of the state, or of its Kronecker square.

    Parameters
    ----------
    matrices
        (n, d, d) the samples' curvatures.
    optimizer
        See ``numeric.moments.linear_optimizer``.
    batch_size
        Samples per step; the last batch of an epoch may be smaller.
    order
        1 for the map, 2 for its square.

    Examples
    --------
    >>> curvatures = np.array([[[1.0]], [[3.0]]])  # whatever the order, (1 - 0.1) (1 - 0.3)
    >>> epoch_mean(curvatures, of(SGD(0.1, 1)), 1, 1).round(12)
    array([[0.63]])
    """
    n, d = len(matrices), matrices.shape[1]
    still = np.kron(optimizer.transition, np.eye(d))
    pull = np.outer(optimizer.drive, optimizer.look)

    def step(batch: tuple[int, ...]) -> np.ndarray:
        one = still + np.kron(pull, matrices[list(batch)].mean(axis=0))
        return one if order == 1 else np.kron(one, one)

    done = {(): np.eye(len(step((0,))))}
    met = 0
    for size in map(int, epoch_sizes(n, batch_size)):
        met += size
        steps = {batch: step(batch) for batch in combinations(range(n), size)}
        done = {
            seen: sum(steps[last] @ done[tuple(sorted(set(seen) - set(last)))] for last in combinations(seen, size))
            / comb(met, size)
            for seen in combinations(range(n), met)
        }
    (whole,) = done.values()
    return whole


def epoch_limit(matrices: np.ndarray, optimizer: SGD, order: int, usual: float) -> float:
    """Return the lowest learning rate at which the mean of an epoch, or its mean square, ceases to contract.

    ``usual`` is the limit of the mean of independent batches, beside which the rates that are looked at stand close. In
    between, the peaks of the radius are located, so that a short unstable window is not stepped over.
    """

    def excess(rate: float) -> float:
        linear = of(SGD(rate, 1, momentum=optimizer.momentum, nesterov=optimizer.nesterov))
        whole = epoch_mean(matrices, linear, optimizer.batch_size, order)
        return float(np.abs(np.linalg.eigvals(whole)).max()) - 1

    start = STRIDE * usual * (1 - optimizer.momentum) / 4
    while excess(start) >= 0:
        start /= 4

    def rates() -> Iterator[float]:
        rate = start
        while rate < MOST_STRIDES * STRIDE * usual:
            yield rate
            rate = min(FACTOR * rate, rate + STRIDE * usual)

    found = first_rise(excess, rates())
    if found is None:
        raise AssertionError("a polynomial in the learning rate grows")
    return found
