"""A Gaussian posterior in numbers: how far a covariance is from it, and the preconditioner that gives it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np
import scipy.linalg
import scipy.optimize

from sgdtheory.errors import StabilityError

WIDTH = 100.0  # the nearest rate is looked for within this factor of that of the diffusion limit
EDGE = 1e-12  # share of the largest rate to which the search nears it; closer by, rounding decides what is stable
PLACES = 33  # on the grid, about one apart: along the logarithm of the rate minima are as wide
ACCURACY, STEPS = 1e-9, 12  # of the place; a flat minimum is found to about the root of rounding
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
    """Return the learning rate below ``largest`` with the smallest gap; rates without stationary law are skipped.

    Rates are told apart by the logit of rate/largest, which resolves those near zero and near the edge alike; in one
    dimension the best one is at the logarithm of guess/largest. Along several directions there can be two minima.
    """

    def rate(place: float) -> float:
        return largest / (1 + math.exp(-place))

    def of_place(place: float) -> float:
        try:
            return gap(rate(place))
        except StabilityError:
            return math.inf

    shares = (min(guess / largest, 1) / WIDTH, min(guess / largest * WIDTH, 1 - EDGE))
    places = np.linspace(*(math.log(share / (1 - share)) for share in shares), PLACES)
    gaps = np.array([of_place(place) for place in places])
    places, gaps = places[np.isfinite(gaps)], gaps[np.isfinite(gaps)]
    if not len(places):
        raise StabilityError(
            "no learning rate leaves a law at a finite divergence from the posterior",
            got=f"{PLACES} learning rates up to {rate(math.inf):.6g}",
            allowed="problems whose stationary law has a variance above rounding in every direction",
            mend="look for directions of almost no noise",
        )
    return rate(min(_minima(of_place, places, gaps))[1])


def _minima(of_place: Callable[[float], float], places: np.ndarray, gaps: np.ndarray) -> Iterator[tuple[float, float]]:
    """Yield gap and place of the two lowest minima, each looked for between the neighbours of one on the grid."""
    last = len(places) - 1
    low = [k for k in range(last + 1) if gaps[k] <= min(gaps[max(k - 1, 0)], gaps[min(k + 1, last)])]
    for k in sorted(low, key=gaps.__getitem__)[:2]:
        yield float(gaps[k]), float(places[k])
        ends = (places[max(k - 1, 0)], places[min(k + 1, last)])
        found = scipy.optimize.minimize_scalar(
            of_place, bounds=ends, method="bounded", options={"xatol": ACCURACY, "maxiter": STEPS}
        )
        yield float(found.fun), float(found.x)


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
