"""Derivation of the excess loss with momentum from the covariance at small learning rates."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._expected_forms import expected
from sgdtheory.derivations.quadratic._expected_forms import excess_loss
from sgdtheory.momentum import stationary_covariance_diffusion
from sgdtheory.processes.additive_noise import additive_noise_with_momentum


def derive() -> Derivation:
    """Return the derivation."""
    return expected(additive_noise_with_momentum, excess_loss, stationary_covariance_diffusion.value)
