"""Derivation of the excess loss from the stationary covariance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._expected_forms import excess_loss, expected
from sgdtheory.quadratic import stationary_covariance


def derive() -> Derivation:
    """Return the derivation; the stationary mean of every mode is zero."""
    return expected(excess_loss, stationary_covariance.value)
