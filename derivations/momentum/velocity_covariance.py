"""Derivation of the velocity's stationary covariance: the fixed point of four second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._moments import heavy_ball_moments, spread
from sgdtheory.derivations.momentum._premises import v_i, v_j
from sgdtheory.symbols import C_ij, lambda_i, lambda_j, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d, moments = heavy_ball_moments()
    d.add(
        "The covariance of the velocity; its mean is zero as that of the parameters is",
        "Cov[v]_ij",
        moments[v_i * v_j],
        (lambda_i + lambda_j) * C_ij / (m * (1 - mu**2) * spread),
    )
    return d
