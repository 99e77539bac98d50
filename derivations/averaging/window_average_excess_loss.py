"""Derivation of the excess loss at the average over a window from its covariance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.averaging import window_average_covariance
from sgdtheory.derivations.averaging._premises import expected_loss


def derive() -> Derivation:
    """Return the derivation."""
    return expected_loss(window_average_covariance.value)
