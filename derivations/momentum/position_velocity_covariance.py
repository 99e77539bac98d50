"""Derivation of the covariance of parameters and velocity: the fixed point of four second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._moments import heavy_ball_moments, spread
from sgdtheory.derivations.momentum._premises import v_j, x_i
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d, moments = heavy_ball_moments()
    d.add(
        "The covariance of the parameters with the velocity",
        "Cov[theta, v]_ij",
        moments[x_i * v_j],
        eta * (mu * lambda_j - lambda_i) * C_ij / (m * (1 - mu) ** 2 * (1 + mu) * spread),
    )
    return d
