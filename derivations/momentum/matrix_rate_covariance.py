"""Derivation of the covariance with a matrix learning rate: the fixed point of four second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._matrix_rate import pair_of_modes
from sgdtheory.derivations.momentum._moments import spread, stationary_moments
from sgdtheory.derivations.quadratic._premises import x_i, x_j
from sgdtheory.processes.matrix_rate import matrix_rate_with_momentum
from sgdtheory.symbols import C_ij, eta, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(matrix_rate_with_momentum)
    moments = stationary_moments(d, pair_of_modes(d))
    d.add(
        "The covariance of phi, with the effective learning rate in front",
        "Cov[P^(-1/2) theta]_ij",
        moments[x_i * x_j],
        eta * C_ij / (m * (1 - mu) * spread),
    )
    return d
