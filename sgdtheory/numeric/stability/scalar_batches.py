"""One parameter and plain SGD: the law of a batch's curvature h_B, atom by atom, and what follows from it exactly.

A run shrinks if E log |1 - eta h_B| < 0. Between two singularities 1 / h that mean is concave in eta, so that its first
crossing of zero can be found without missing one.
"""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement, pairwise
from math import comb, factorial, prod
from typing import NamedTuple

import numpy as np
import scipy.optimize

from sgdtheory.numeric.solvers.sampled_curvature import MatrixCurvature, RankOneCurvature
from sgdtheory.numeric.stability.draws import Batches

MOST_ATOMS = 3000


class Atoms(NamedTuple):
    """Values (k,) of a batch's curvature and their probabilities (k,)."""

    values: np.ndarray
    weights: np.ndarray


def scalar_curvatures(batches: Batches) -> np.ndarray | None:
    """Return the (n,) curvatures of a finite data set with one parameter; None for anything else."""
    samples = batches.samples
    if isinstance(samples, RankOneCurvature) and samples.features.shape[1] == 1:
        return samples.features[:, 0] ** 2 + batches.ridge
    if isinstance(samples, MatrixCurvature) and samples.matrices.shape[1] == 1:
        return samples.matrices[:, 0, 0] + batches.ridge
    return None


def batch_atoms(curvatures: np.ndarray, size: int, sampling: str) -> Atoms | None:
    """Return the law of the mean of a batch of these curvatures, (n,); None where it has too many atoms to enumerate.

    Examples
    --------
    >>> batch_atoms(np.array([1.0, 3.0]), 2, "replacement")
    Atoms(values=array([1., 2., 3.]), weights=array([0.25, 0.5 , 0.25]))
    """
    values, counts = np.unique(curvatures, return_counts=True)
    n, k = len(curvatures), len(values)
    if sampling == "replacement":
        if comb(k + size - 1, size) > MOST_ATOMS:
            return None
        picked = list(combinations_with_replacement(range(k), size))
        weights = np.array([_multinomial(batch, counts / n) for batch in picked])
    else:
        if comb(n, size) > MOST_ATOMS:
            return None
        picked, values = list(combinations(range(n), size)), np.sort(curvatures)
        weights = np.full(len(picked), 1 / len(picked))
    means = np.array([values[list(batch)].mean() for batch in picked])
    atoms, where = np.unique(means, return_inverse=True)
    return Atoms(atoms, np.bincount(where, weights))


def _multinomial(batch: tuple[int, ...], shares: np.ndarray) -> float:
    times = [batch.count(value) for value in set(batch)]
    return factorial(len(batch)) / prod(map(factorial, times)) * float(np.prod(shares[list(batch)]))


def mean_logarithm(atoms: Atoms, rate: float) -> float:
    """Return E log |1 - rate h_B|."""
    with np.errstate(divide="ignore"):
        return float(atoms.weights @ np.log(np.abs(1 - rate * atoms.values)))


def first_growth(atoms: Atoms, start: float) -> float:
    """Return the lowest rate at or above ``start`` from which E log |1 - rate h_B| is positive.

    Examples
    --------
    >>> first_growth(Atoms(np.array([1.0]), np.array([1.0])), 0.5)
    2.0
    """
    edges = [start, *np.unique(1 / atoms.values[atoms.values > 0])]
    edges = [start, *(edge for edge in edges[1:] if edge > start), np.inf]
    for below, above in pairwise(edges):
        top = _highest(atoms, below, above)
        if top is not None and mean_logarithm(atoms, top) > 0:
            return _rise(atoms, below, top)
    raise AssertionError("beyond the last singularity the mean grows like the logarithm of the rate")


def _slope(atoms: Atoms, rate: float) -> float:
    return float(-(atoms.weights * atoms.values / (1 - rate * atoms.values)).sum())


def _highest(atoms: Atoms, below: float, above: float) -> float | None:
    """Return where the concave mean is highest between two singularities; None where it only falls."""
    if np.isinf(above):
        rate = 2 * below
        while mean_logarithm(atoms, rate) <= 0:
            rate *= 2
        return rate
    inset = 1e-12 * (above - below)
    first, last = below + inset, above - inset
    if not below < first < last < above:  # one singularity, rounded in two ways
        return None
    if not _slope(atoms, first) > 0 > _slope(atoms, last):
        return None
    return float(scipy.optimize.brentq(lambda rate: _slope(atoms, rate), first, last))


def _rise(atoms: Atoms, below: float, top: float) -> float:
    """Return the root between a rate at or below which the mean is not positive and one where it is."""
    inset = top - below
    while mean_logarithm(atoms, below + inset) > 0 and inset > 1e-15 * top:
        inset /= 2
    first = below + inset
    if mean_logarithm(atoms, first) > 0:
        return below
    return float(scipy.optimize.brentq(lambda rate: mean_logarithm(atoms, rate), first, top, xtol=1e-15, rtol=1e-14))
