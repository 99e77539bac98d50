"""Derivation of the limit of small learning rates at a fixed momentum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._limits import small_rate
from sgdtheory.momentum import nesterov_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_nesterov
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    written = eta * C_ij / (m * (1 - mu) * (lambda_i + lambda_j))
    return small_rate(additive_noise_with_nesterov, nesterov_covariance.value, "Sigma_ij", 1, written)
