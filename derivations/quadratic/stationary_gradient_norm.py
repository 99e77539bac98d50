"""Derivation of the squared gradient norm from the stationary covariance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._expected_forms import expected, gradient_norm
from sgdtheory.quadratic import stationary_covariance


def derive() -> Derivation:
    """Return the derivation; the stationary mean of every mode is zero."""
    return expected(gradient_norm, stationary_covariance.value)
