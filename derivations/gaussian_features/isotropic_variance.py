"""Derivation of the stationary variance for features of one variance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.gaussian_features._isotropic import R, spread_after_a_step
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import d as dimension
from sgdtheory.symbols import eta, lambda_max, m, sigma_y2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    spread = fixed_point(*coefficients(spread_after_a_step(d), R))
    d.add(
        "What a step leaves as it is, shared by the d modes alike",
        "Var[theta]",
        spread / dimension,
        eta * sigma_y2 / (2 * m - (m + dimension + 1) * eta * lambda_max),
    )
    return d
