"""Derivation of the largest stable rate for features of one variance: the factor per step reaches one."""

import sympy as sp

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
    (limit,) = (root for root in sp.solve(factor - 1, eta) if root != 0)
    d.add(
        "The factor by which a step multiplies R, less one: negative between zero and its other root",
        "rho - 1",
        factor - 1,
        eta * lambda_max**2 * (m + dimension + 1) / m * (eta - limit),
    )
    d.add("which is", "eta*", limit, 2 * m / (lambda_max * (dimension + m + 1)))
    return d
