"""Derivation of the excess loss after t steps from the mean and covariance of the diffusion limit."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._expected_forms import excess_loss, expected
from sgdtheory.quadratic import mean_trajectory_diffusion, transient_covariance_diffusion


def derive() -> Derivation:
    """Return the derivation."""
    return expected(excess_loss, transient_covariance_diffusion.value, mean_trajectory_diffusion.value)
