"""Derivation of the learning rate nearest to the posterior before a preconditioner that levels all curvatures."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.posterior._levelled import TRACE, moments_of_phi, noise_of_phi
from sgdtheory.derivations.quadratic._premises import S
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import D, eta, lambda_i, lambda_j, lambda_P, m, trCP
from sgdtheory.symbols import d as dimension


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(preconditioned)
    level = {lambda_i: lambda_P, lambda_j: lambda_P}
    first, cross, second = (moment.subs(level) for moment in moments_of_phi(d))
    d.add(
        "All eigenvalues being lambda, the second moments of phi are multiples of R' C R where a step leaves them as"
        " they are",
        "S_ij",
        fixed_point(*coefficients(cross, S)),
        eta * noise_of_phi(0, 1) / (lambda_P * (2 - eta * lambda_P)),
    )
    scale = d.add(
        "Their sum over modes is the same multiple s of tr(R' C R) = tr(C P)",
        "s",
        sp.cancel(sum(fixed_point(*coefficients(moment, S)) for moment in (first, second)) / TRACE),
        eta / (m * lambda_P * (2 - eta * lambda_P)),
    )
    slope = d.add(
        "A divergence is the same in all coordinates. Twice that of two Gaussians is D lambda s tr(C P) - d log s, up"
        " to what does not depend on the rate; its slope",
        "2 dKL/d eta",
        sp.diff(D * lambda_P * scale * trCP - dimension * sp.log(scale), eta),
        2 * (D * eta * trCP - m * dimension * (2 - eta * lambda_P)) / (m * eta * (2 - eta * lambda_P) ** 2),
    )
    (rate,) = sp.solve(sp.numer(sp.together(slope)), eta)
    d.add(
        "It is negative below one rate and positive above",
        "2 dKL/d eta",
        slope,
        2 * (D * trCP + m * dimension * lambda_P) * (eta - rate) / (m * eta * (2 - eta * lambda_P) ** 2),
    )
    d.add("Hence", "eta_KL", rate)
    return d
