"""Derivation of the learning rate from which the posterior diverges least, equal curvatures: the root of the slope."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance
from sgdtheory.symbols import C_ij, D, eta, lambda_i, lambda_j, lambda_max, m, trC_inv
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
        "Twice the divergence of the posterior from it, tr(Sigma^-1 H^-1)/D + log det(D H Sigma) - d, is"
        " tr(C^-1)/(D lambda s) + d log s up to what does not depend on the rate; its slope",
        "2 dKL/d eta",
        sp.diff(trC_inv / (D * lambda_max * scale) + dimension * sp.log(scale), eta),
        2 * (D * dimension * eta - m * trC_inv * (2 - eta * lambda_max)) / (D * eta**2 * (2 - eta * lambda_max)),
    )
    (rate,) = sp.solve(sp.numer(sp.together(slope)), eta)
    d.add(
        "It is negative below one rate and positive above",
        "2 dKL/d eta",
        slope,
        2 * (D * dimension + m * lambda_max * trC_inv) * (eta - rate) / (D * eta**2 * (2 - eta * lambda_max)),
    )
    d.add("Hence", "eta_KL*", rate)
    return d
