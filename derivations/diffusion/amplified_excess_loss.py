"""Derivation of the excess loss of SVAG from its stationary covariance."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._amplified import stationary_moment
from sgdtheory.processes.variance_amplified import variance_amplified
from sgdtheory.symbols import C_ii, C_ij, lambda_i, lambda_j


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(variance_amplified)
    covariance = stationary_moment(d)
    variance = d.add(
        "Variance of mode i: the covariance with j = i", "Var[x_i]", covariance.subs({lambda_j: lambda_i, C_ij: C_ii})
    )
    d.add(
        "The loss above its minimum is a sum over modes; mode i contributes",
        "E[L] - L*, mode i",
        lambda_i * variance / 2,
    )
    return d
