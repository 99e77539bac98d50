"""Derivation of the divergence from the posterior in continuous time, from the covariance there."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.posterior._premises import divergence_of_a_mode
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance_diffusion
from sgdtheory.symbols import C_ii, C_ij, D, eta, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    variance = d.add(
        "Variance along mode i in continuous time: the covariance with j = i, a result of its own",
        "S_i",
        stationary_covariance_diffusion.value.subs({lambda_j: lambda_i, C_ij: C_ii}),
    )
    divergence_of_a_mode(d, variance, D * eta * C_ii / (2 * m))
    return d
