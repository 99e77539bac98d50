"""Derivation of the stationary variance of the velocity: the fixed point of three second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._mean_square import moments_with_momentum
from sgdtheory.derivations.quadratic_sums._premises import w
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature_with_momentum)
    d.add("The mean is zero: in lowest terms", "Var[v]", moments_with_momentum(d)[w**2])
    return d
