"""Derivation of the squared gradient norm with momentum from the stationary covariance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._expected_forms import expected
from sgdtheory.derivations.quadratic._expected_forms import gradient_norm
from sgdtheory.momentum import stationary_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum


def derive() -> Derivation:
    """Return the derivation."""
    return expected(additive_noise_with_momentum, gradient_norm, stationary_covariance.value)
