"""Derivation of the learning rate that minimises the expected loss after one step."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._next_step import best_rate
from sgdtheory.processes.gaussian_features import gaussian_features


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    best_rate(d)
    return d
