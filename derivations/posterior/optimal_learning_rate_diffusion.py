"""Derivation of the learning rate nearest to the posterior in continuous time, for any Hessian and noise."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance_diffusion
from sgdtheory.symbols import C_ii, C_ij, D, eta, lambda_i, lambda_j, m, trC
from sgdtheory.symbols import d as dimension


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    covariance = stationary_covariance_diffusion.value
    power = d.add(
        "Every entry of the covariance in continuous time, a result of its own, goes with one power of eta",
        "(eta/Sigma_ij) dSigma_ij/d eta",
        eta / covariance * sp.diff(covariance, eta),
    )
    mode = d.add(
        "D tr(H Sigma) is a sum over modes",
        "D lambda_i Sigma_ii",
        D * lambda_i * covariance.subs({lambda_j: lambda_i, C_ij: C_ii}),
        D * eta * C_ii / (2 * m),
    )
    slope = d.add(
        "The slope of twice the divergence, D tr(H Sigma) - log det(D H Sigma) - d: the logarithm of the determinant of"
        " a matrix of size d that goes with eta has the slope d/eta",
        "2 dKL/d eta",
        sp.diff(mode.subs(C_ii, trC), eta) - power * dimension / eta,
        D * trC / (2 * m) - dimension / eta,
    )
    (rate,) = sp.solve(slope, eta)
    d.add("It grows with eta and vanishes at one rate", "2 dKL/d eta", slope, dimension * (1 / rate - 1 / eta))
    d.add("Hence", "eta_KL", rate)
    return d
