"""Derivation of the mean square along an unstable direction: the course of its recursion."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._saddle import mean_square_course
from sgdtheory.processes.saddle import saddle


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(saddle)
    d.add("Hence", "E[x_t^2]", mean_square_course(d))
    return d
