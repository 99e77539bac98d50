"""Derivation of the excess loss with momentum from the stationary covariance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._expected_forms import expected
from sgdtheory.derivations.quadratic._expected_forms import excess_loss
from sgdtheory.momentum import stationary_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum


def derive() -> Derivation:
    """Return the derivation."""
    return expected(additive_noise_with_momentum, excess_loss, stationary_covariance.value)
