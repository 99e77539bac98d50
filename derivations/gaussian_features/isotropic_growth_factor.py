"""Derivation of the factor by which the mean square is multiplied at each step, for features of one variance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients
from sgdtheory.derivations.gaussian_features._isotropic import R, spread_after_a_step
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import d as dimension
from sgdtheory.symbols import eta, lambda_max, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    factor, _ = coefficients(spread_after_a_step(d), R)
    d.add(
        "A step multiplies what is not yet stationary by",
        "rho",
        factor,
        1 - 2 * eta * lambda_max + (eta * lambda_max) ** 2 * (m + dimension + 1) / m,
    )
    return d
