"""Derivation of the excess loss where C = H, from the law for any noise."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._hessian_noise import with_loss
from sgdtheory.quadratic import stationary_excess_loss


def derive() -> Derivation:
    """Return the derivation."""
    return with_loss(stationary_excess_loss.value)
