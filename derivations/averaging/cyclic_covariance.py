"""Derivation of the covariance where a cycle of two learning rates ends: the fixed point of its second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.averaging._cycles import cycle, cycle_covariance
from sgdtheory.processes.scheduled import scheduled


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(scheduled)
    cycle_covariance(d, cycle(d))
    return d
