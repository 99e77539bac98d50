"""Derivation of the squared gradient norm with Nesterov momentum from the covariance at the look-ahead points."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._expected_forms import expected
from sgdtheory.derivations.quadratic._expected_forms import gradient_norm
from sgdtheory.momentum import nesterov_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_nesterov


def derive() -> Derivation:
    """Return the derivation."""
    return expected(additive_noise_with_nesterov, gradient_norm, nesterov_covariance.value)
