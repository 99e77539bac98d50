"""Derivation of the stationary covariance with momentum: the fixed point of four second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._moments import heavy_ball_moments, spread
from sgdtheory.derivations.momentum._premises import x_i, x_j
from sgdtheory.symbols import C_ij, eta, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d, moments = heavy_ball_moments()
    d.add(
        "The covariance of the parameters, with the effective learning rate in front",
        "Sigma_ij",
        moments[x_i * x_j],
        eta * C_ij / (m * (1 - mu) * spread),
    )
    return d
