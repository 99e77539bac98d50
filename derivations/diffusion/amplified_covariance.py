"""Derivation of the stationary covariance of SVAG: the fixed point of the recursion of second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._amplified import stationary_moment
from sgdtheory.processes.variance_amplified import variance_amplified


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(variance_amplified)
    stationary_moment(d)
    return d
