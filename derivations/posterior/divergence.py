"""Derivation of the divergence from the posterior where modes are not correlated: a sum over modes."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.posterior._premises import divergence_of_a_mode
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance
from sgdtheory.symbols import C_ii, C_ij, D, eta, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    variance = d.add(
        "Variance along mode i: the stationary covariance with j = i, a result of its own",
        "S_i",
        stationary_covariance.value.subs({lambda_j: lambda_i, C_ij: C_ii}),
    )
    divergence_of_a_mode(d, variance, D * eta * C_ii / (m * (2 - eta * lambda_i)))
    return d
