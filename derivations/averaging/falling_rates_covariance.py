"""Derivation of the covariance after steps of rates b/1, ..., b/t: what each step leaves, summed."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.averaging._falling import covariance
from sgdtheory.processes.scheduled import scheduled


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(scheduled)
    covariance(d)
    return d
