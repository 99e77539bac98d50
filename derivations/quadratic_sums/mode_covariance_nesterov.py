"""Derivation of the covariance of two modes with Nesterov's momentum: the fixed point of four second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._pair_moments import FACTORS, LEFT, PUSHED, stationary_pair
from sgdtheory.derivations.quadratic_sums._two_modes import x_1, x_2
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_nesterov
from sgdtheory.symbols import c_12, eta, p


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature_with_nesterov)
    gains, noise = stationary_pair(d)
    covariance = d.add("The mean is zero", "Sigma_12", gains[x_1, x_2] * noise, eta**2 * p * c_12 * PUSHED / LEFT)
    d.add("In the curvatures", "Sigma_12", covariance.subs(FACTORS), covariance.subs(FACTORS))
    return d
