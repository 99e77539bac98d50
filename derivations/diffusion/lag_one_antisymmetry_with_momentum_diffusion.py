"""Derivation of the limit of small learning rates at a fixed momentum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._limits import small_rate
from sgdtheory.diffusion import lag_one_antisymmetry_with_momentum
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    written = -(eta**2) * C_ij * (lambda_i - lambda_j) / (m * (1 - mu) ** 2 * (lambda_i + lambda_j))
    exact = lag_one_antisymmetry_with_momentum.value
    return small_rate(additive_noise_with_momentum, exact, "Gamma_ij(1) - Gamma_ji(1)", 2, written)
