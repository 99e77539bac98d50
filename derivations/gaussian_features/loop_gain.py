"""Derivation of the loop gain: the share of each mode in the noise that the parameters' spread makes."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._modes import share_of_a_mode
from sgdtheory.processes.gaussian_features import gaussian_features


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    share_of_a_mode(d)
    return d
