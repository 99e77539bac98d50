"""Derivation of the excess loss from the stationary covariance of the diffusion limit."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._expected_forms import excess_loss, expected
from sgdtheory.quadratic import stationary_covariance_diffusion


def derive() -> Derivation:
    """Return the derivation; the stationary mean of every mode is zero."""
    return expected(excess_loss, stationary_covariance_diffusion.value)
