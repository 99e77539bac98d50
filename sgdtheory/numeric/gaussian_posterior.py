"""A Gaussian posterior in numbers: how far a covariance is from it, and the preconditioner that gives it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy.linalg
import scipy.optimize

from sgdtheory.errors import StabilityError

WIDTH = 100.0  # the nearest rate is looked for within this factor of that of the diffusion limit
ACCURACY = 1e-9  # of the logarithm of a learning rate; a flat minimum is found to about the root of rounding
SILENT = 1e-12  # share of the largest at which a variance of the noise counts as zero


def divergence(precision: np.ndarray, covariance: np.ndarray) -> float:
    """Return the Kullback-Leibler divergence of N(0, covariance) from N(0, precision^-1), both (d, d).

    It is infinite where the covariance is singular.

    Examples
    --------
    >>> round(divergence(np.eye(1), 2 * np.eye(1)), 6)  # (2 - 1 - log 2)/2
    0.153426
    """
    root = np.linalg.cholesky(precision)
    shares = np.linalg.eigvalsh(root.T @ covariance @ root)
    if shares[0] <= 0:
        return math.inf
    return float(np.sum(shares - 1 - np.log(shares)) / 2)


def nearest_rate(gap: Callable[[float], float], guess: float, largest: float) -> float:
    """Return the learning rate below ``largest`` with the smallest gap; rates without stationary law are skipped."""
    lowest, highest = min(guess, largest) / WIDTH, min(guess * WIDTH, largest)

    def of_logarithm(logarithm: float) -> float:
        try:
            return gap(math.exp(logarithm))
        except StabilityError:
            return math.inf

    grid = np.linspace(math.log(lowest), math.log(highest), 41)[:-1]
    best = int(np.argmin([of_logarithm(place) for place in grid]))
    ends = (grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)])
    found = scipy.optimize.minimize_scalar(of_logarithm, bounds=ends, method="bounded", options={"xatol": ACCURACY})
    return math.exp(found.x)


def matching_preconditioner(hessian: np.ndarray, noise: np.ndarray, dataset_size: float) -> np.ndarray | None:
    """Return P = 2 (D N + H)^-1 for the (d, d) noise N of a batch, or None where that vanishes in some direction.

    It is ``posterior.optimal_preconditioner`` as a matrix, at learning rate one: S = (D H)^-1 solves
    P H S + S H P - P H S H P = P N P for any noise. Where that vanishes P H has the eigenvalue two, and the mean does
    not settle.
    """
    variances = scipy.linalg.eigh(dataset_size * noise, hessian, eigvals_only=True)
    if variances[0] <= SILENT * max(1.0, variances[-1]):
        return None
    inverse = dataset_size * noise + hessian
    found = 2 * scipy.linalg.cho_solve(scipy.linalg.cho_factor(inverse), np.eye(len(hessian)))
    return (found + found.T) / 2
