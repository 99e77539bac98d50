"""Derivation of the excess loss after t steps from the mean and covariance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._expected_forms import excess_loss, expected
from sgdtheory.quadratic import mean_trajectory, transient_covariance


def derive() -> Derivation:
    """Return the derivation."""
    return expected(excess_loss, transient_covariance.value, mean_trajectory.value)
