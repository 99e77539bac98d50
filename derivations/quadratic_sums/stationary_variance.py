"""Derivation of the stationary variance: the fixed point of the recursion of the mean square."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._mean_square import stationary_mean_square
from sgdtheory.processes.sampled_curvature import sampled_curvature


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    d.add("The mean is zero: in lowest terms", "Var[theta]", stationary_mean_square(d))
    return d
