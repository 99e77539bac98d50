"""Derivation of the covariance of two modes with momentum: the fixed point of four second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._pair_moments import FACTORS, stationary_pair
from sgdtheory.derivations.quadratic_sums._two_modes import x_1, x_2
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.symbols import c_12, eta, lambda_1, lambda_2, mu, p, v_12


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature_with_momentum)
    gains, noise = stationary_pair(d)
    pull = (1 - mu) ** 2 * ((1 + mu) * (lambda_1 + lambda_2) - eta * lambda_1 * lambda_2)
    d.add(
        "The mean is zero",
        "Sigma_12",
        (gains[x_1, x_2] * noise).subs(FACTORS),
        eta * p * c_12 * (1 - mu**2) / (pull + eta * mu * (lambda_1 - lambda_2) ** 2 - eta * (1 - mu**2) * p * v_12),
    )
    return d
