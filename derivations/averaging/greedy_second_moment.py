"""Derivation of the mean square under greedy rates: its inverse grows linearly."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.averaging._greedy import course
from sgdtheory.processes.scheduled import scheduled


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(scheduled)
    course(d)
    return d
