"""Derivation of the learning rate from which the posterior diverges least in continuous time, for modes apart."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance_diffusion
from sgdtheory.symbols import C_ii, C_ij, D, eta, lambda_i, lambda_j, m, trC_inv
from sgdtheory.symbols import d as dimension


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    variance = d.add(
        "Variance along mode i in continuous time: the covariance with j = i, a result of its own",
        "S_i",
        stationary_covariance_diffusion.value.subs({lambda_j: lambda_i, C_ij: C_ii}),
    )
    mode = d.add(
        "Noise and Hessian commuting, tr(Sigma^-1 H^-1)/D is a sum over modes",
        "1/(D lambda_i S_i)",
        1 / (D * lambda_i * variance),
        2 * m / (D * eta * C_ii),
    )
    power = d.add(
        "Every variance goes with one power of eta", "(eta/S_i) dS_i/d eta", eta / variance * variance.diff(eta)
    )
    slope = d.add(
        "The slope of twice the divergence of the posterior, tr(Sigma^-1 H^-1)/D + log det(D H Sigma) - d; the sum of"
        " 1/C_ii is tr C^-1",
        "2 dKL/d eta",
        sp.diff(mode * C_ii * trC_inv, eta) + power * dimension / eta,
        dimension / eta - 2 * m * trC_inv / (D * eta**2),
    )
    (rate,) = sp.solve(slope, eta)
    d.add("It vanishes at one rate, and is negative below", "2 dKL/d eta", slope, dimension * (eta - rate) / eta**2)
    d.add("Hence", "eta_KL*", rate)
    return d
