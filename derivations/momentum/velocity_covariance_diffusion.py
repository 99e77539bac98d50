"""Derivation of the limit of small learning rates at a fixed momentum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._limits import small_rate
from sgdtheory.momentum import velocity_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    return small_rate(additive_noise_with_momentum, velocity_covariance.value, "Cov[v]_ij", 0, C_ij / (m * (1 - mu**2)))
