"""Derivation from the stationary covariance of the diffusion limit: the expectation of a quadratic form."""

import sympy as sp
from sgdtheory.derivations.quadratic._premises import pair_of_modes, x_i

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance_diffusion
from sgdtheory.symbols import C_ii, C_ij, lambda_i, lambda_j


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    pair_of_modes(d)
    part = d.add(
        "The squared norm of the gradient is a sum over modes; mode i contributes",
        "|grad L|^2, mode i",
        sp.diff(lambda_i * x_i**2 / 2, x_i) ** 2,
        (lambda_i * x_i) ** 2,
    )
    variance = stationary_covariance_diffusion.value.subs({lambda_j: lambda_i, C_ij: C_ii})
    d.add("Variance of mode i, from the stationary covariance of the diffusion limit", "Sigma_ii", variance)
    d.add(
        "Take the expectation; the stationary mean of x_i is zero",
        "E|grad L|^2, mode i",
        expectation(part, {x_i: sp.Integer(0)}, {(x_i, x_i): variance}),
    )
    return d
