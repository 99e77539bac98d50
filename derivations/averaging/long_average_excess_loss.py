"""Derivation of the excess loss at a long average from its covariance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.averaging import long_average_covariance
from sgdtheory.derivations.averaging._premises import expected_loss


def derive() -> Derivation:
    """Return the derivation."""
    return expected_loss(long_average_covariance.value)
