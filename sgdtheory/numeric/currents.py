"""A stationary current in numbers: how fast its orbits turn, and how many nats a step tell it from its reversal."""

from __future__ import annotations

import math

import numpy as np
import scipy.linalg

from sgdtheory.errors import DomainError

SILENT = 1e-12  # share of the largest at which a variance counts as zero


def inverse_covariance(covariance: np.ndarray) -> np.ndarray:
    """Return the (d, d) inverse of a stationary covariance, or refuse one that is singular."""
    scale = np.sqrt(np.diagonal(covariance))
    if not np.all(scale > 0) or np.linalg.eigvalsh(covariance / np.outer(scale, scale))[0] <= SILENT:
        raise DomainError(
            "the stationary covariance is singular to rounding: along some direction nothing moves",
            got=f"standard deviations from {np.min(scale):.3g} to {np.max(scale):.3g}",
            allowed="noise that, turned by the Hessian, reaches every direction",
            mend="leave the still directions out, or take a batch smaller than the data set",
        )
    inverse = scipy.linalg.cho_solve(scipy.linalg.cho_factor(covariance), np.eye(len(covariance)))
    return (inverse + inverse.T) / 2


def orbit_frequencies(antisymmetry: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return the (d // 2,) angles per step by which the motion K Sigma^-1/2 turns, the largest first.

    K is the (d, d) antisymmetric lag-one covariance.

    Examples
    --------
    >>> orbit_frequencies(np.array([[0.0, 0.2], [-0.2, 0.0]]), np.eye(2))
    array([0.1])
    """
    root = np.linalg.cholesky(covariance)
    half = scipy.linalg.solve_triangular(root, antisymmetry, lower=True)
    turned = scipy.linalg.solve_triangular(root, half.T, lower=True) / 2
    return np.linalg.svd(turned, compute_uv=False)[::2][: len(root) // 2]  # they come in pairs


def entropy_production(hessian: np.ndarray, noise: np.ndarray, circulation: np.ndarray, learning_rate: float) -> float:
    """Return -(eta/2) tr(C^-1 (H Q - Q H)), the nats per step; infinite where the noise C is singular.

    Reversed in time, a step of a stationary Gaussian run misses its mean by a vector of the covariance W + X, where
    W = (eta^2/m) C is that of the step itself, and X = -(eta^3/m) (H Q - Q H). The log-likelihood ratio has the mean
    tr(W^-1 X)/2. Where the covariance of the run is not singular, X leads out of the range of a singular C.

    Examples
    --------
    >>> noise = np.array([[1.0, 0.6], [0.6, 1.0]])
    >>> round(entropy_production(np.diag([2.0, 1.0]), noise, np.array([[0.0, 0.2], [-0.2, 0.0]]), 0.1), 6)
    0.01875
    """
    scale = np.sqrt(np.diagonal(noise))
    if not np.all(scale > 0):
        return math.inf
    units = np.outer(scale, scale)  # whether noise is singular does not depend on the units of the parameters
    variances, axes = np.linalg.eigh(noise / units)
    if variances[0] <= SILENT * variances[-1]:
        return math.inf
    half = hessian @ circulation
    turned = axes.T @ ((half + half.T) / units) @ axes  # Q is antisymmetric: H Q - Q H = H Q + (H Q)'
    return max(0.0, -learning_rate / 2 * float(np.sum(np.diagonal(turned) / variances)))
