"""Derivation of the limit of light damping: both the damping and the square root of the learning rate go to zero."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._limits import light_damping
from sgdtheory.momentum import damped_velocity_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, eta, gamma, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    bend = eta * (lambda_i - lambda_j) ** 2 / (2 * gamma**2)
    written = (lambda_i + lambda_j) * C_ij / (2 * m * gamma * (lambda_i + lambda_j + bend))
    return light_damping(additive_noise_with_momentum, damped_velocity_covariance.value, "Cov[v]_ij", -1, written)
