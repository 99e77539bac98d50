"""Derivation of the squared gradient norm from the stationary covariance of the diffusion limit."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._expected_forms import expected, gradient_norm
from sgdtheory.quadratic import stationary_covariance_diffusion


def derive() -> Derivation:
    """Return the derivation; the stationary mean of every mode is zero."""
    return expected(gradient_norm, stationary_covariance_diffusion.value)
