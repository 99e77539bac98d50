"""Derivation of the stationary variance where C = H, from the law for any noise."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._hessian_noise import with_variance
from sgdtheory.quadratic import stationary_covariance


def derive() -> Derivation:
    """Return the derivation."""
    return with_variance(stationary_covariance.value)
