"""Derivation of the determinant of the covariance of two modes under noise of rank one."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._two_modes import of_two_modes, one_direction
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    entry = d.add("The stationary covariance, a result of its own", "Sigma_ij", stationary_covariance.value)
    d.add("For two modes and C_12^2 = C_11 C_22", "det Sigma", one_direction(of_two_modes(entry).det()))
    return d
