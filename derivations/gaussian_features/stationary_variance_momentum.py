"""Derivation of the stationary variance of a mode with heavy-ball momentum, from the loop gain."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._modes import settled_variance
from sgdtheory.processes.gaussian_features import gaussian_features_with_momentum


def derive() -> Derivation:
    """Return the derivation."""
    return settled_variance(gaussian_features_with_momentum)
