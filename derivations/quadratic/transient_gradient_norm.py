"""Derivation of the squared gradient norm after t steps from the mean and covariance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._expected_forms import expected, gradient_norm
from sgdtheory.quadratic import mean_trajectory, transient_covariance


def derive() -> Derivation:
    """Return the derivation."""
    return expected(gradient_norm, transient_covariance.value, mean_trajectory.value)
