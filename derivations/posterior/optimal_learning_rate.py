"""Derivation of the learning rate nearest to the posterior for equal curvatures: the root of the divergence's slope."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance
from sgdtheory.symbols import C_ij, D, eta, lambda_i, lambda_j, lambda_max, m, trC
from sgdtheory.symbols import d as dimension


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    equal = {lambda_i: lambda_max, lambda_j: lambda_max}
    scale = d.add(
        "The stationary covariance, a result of its own, is a multiple s of C where all curvatures are lambda",
        "s = Sigma_ij/C_ij",
        stationary_covariance.value.subs(equal) / C_ij,
        eta / (m * lambda_max * (2 - eta * lambda_max)),
    )
    slope = d.add(
        "Twice the divergence of two Gaussians, D tr(H Sigma) - log det(D H Sigma) - d, is D lambda s tr C - d log s"
        " up to what does not depend on the rate, as det(s C) = s^d det C; its slope",
        "2 dKL/d eta",
        sp.diff(D * lambda_max * scale * trC - dimension * sp.log(scale), eta),
        2 * (D * eta * trC - m * dimension * (2 - eta * lambda_max)) / (m * eta * (2 - eta * lambda_max) ** 2),
    )
    (rate,) = sp.solve(sp.numer(sp.together(slope)), eta)
    d.add(
        "It is negative below one rate and positive above",
        "2 dKL/d eta",
        slope,
        2 * (D * trC + m * dimension * lambda_max) * (eta - rate) / (m * eta * (2 - eta * lambda_max) ** 2),
    )
    d.add("Hence", "eta_KL", rate)
    return d
