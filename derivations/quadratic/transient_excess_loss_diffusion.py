"""Derivation from the mean and covariance after t steps of the diffusion limit: the expectation of a quadratic form."""

import sympy as sp
from sgdtheory.derivations.quadratic._premises import pair_of_modes, x_i

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import mean_trajectory_diffusion, transient_covariance_diffusion
from sgdtheory.symbols import C_ii, C_ij, lambda_i, lambda_j


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    pair_of_modes(d)
    part = d.add(
        "The loss above its minimum is a sum over modes; mode i contributes",
        "L - L*, mode i",
        sp.integrate(lambda_i * x_i, (x_i, 0, x_i)),
        lambda_i * x_i**2 / 2,
    )
    variance = transient_covariance_diffusion.value.subs({lambda_j: lambda_i, C_ij: C_ii})
    d.add("Variance of mode i after t steps", "Sigma_ii(t)", variance)
    mean = d.add("Mean of mode i after t steps", "E[x_i(t)]", mean_trajectory_diffusion.value)
    d.add(
        "Take the expectation: variance plus squared mean",
        "E[L] - L*, mode i",
        expectation(part, {x_i: mean}, {(x_i, x_i): variance}),
        sp.expand(part.subs(x_i, mean)) + part / x_i**2 * variance,
    )
    return d
