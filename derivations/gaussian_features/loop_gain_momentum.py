"""Derivation of the loop gain with heavy-ball momentum: the share of each mode in what its spread returns."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._modes import share_of_a_mode
from sgdtheory.processes.gaussian_features import gaussian_features_with_momentum


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features_with_momentum)
    share_of_a_mode(d)
    return d
