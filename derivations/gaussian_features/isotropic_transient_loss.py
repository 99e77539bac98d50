"""Derivation of the course of the excess loss for features of one variance."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.gaussian_features._expected_forms import loss
from sgdtheory.derivations.gaussian_features._isotropic import R, spread_after_a_step
from sgdtheory.derivations.gaussian_features._premises import x_i
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import L_0, eta, lambda_i, lambda_max, m, sigma_y2, t
from sgdtheory.symbols import d as dimension


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    half = d.add(
        "Summed over modes of one curvature lambda, the loss is a multiple of R",
        "(L - L*)/R",
        loss(d).subs(lambda_i, lambda_max) / x_i**2,
        lambda_max / 2,
    )
    factor, added = coefficients(spread_after_a_step(d), R)
    stable = 2 * m - (m + dimension + 1) * eta * lambda_max
    floor = dimension * eta * lambda_max * sigma_y2 / (2 * stable)
    d.add(
        "A linear recursion of one number, from the loss L_0 at the start",
        "E[L] - L*",
        half * course(sp.factor(factor), added, L_0 / half, t),
        floor + (1 - eta * lambda_max * stable / m) ** t * (L_0 - floor),
    )
    return d
