"""Derivation of the stationary variance for samples of nearly equal curvature."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._mean_square import stationary_mean_square
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    d.add("The curvatures become equal", "Var[theta]", stationary_mean_square(d).subs(v, 0))
    return d
