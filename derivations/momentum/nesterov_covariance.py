"""Derivation of the covariance at the look-ahead points: the fixed point of four second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._moments import a_i, a_j, nesterov_moments, nesterov_spread
from sgdtheory.derivations.momentum._premises import x_i, x_j
from sgdtheory.symbols import C_ij, eta, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d, moments = nesterov_moments()
    above = 1 + 2 * mu + 2 * mu**2 + mu**2 * (1 + 2 * mu) * a_i * a_j - mu * (1 + mu) ** 2 * (a_i + a_j)
    d.add(
        "The covariance of the parameters, in terms of the factors 1 - eta lambda of plain SGD",
        "Sigma_ij",
        moments[x_i * x_j],
        eta**2 * C_ij * above / (m * nesterov_spread),
    )
    return d
