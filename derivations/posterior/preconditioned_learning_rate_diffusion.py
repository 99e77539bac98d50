"""Derivation of the learning rate nearest to the posterior before any preconditioner, in continuous time."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.posterior._levelled import TRACE, moments_of_phi, noise_of_phi
from sgdtheory.derivations.quadratic._premises import S
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import D, eta, lambda_i, lambda_j, m, trCP
from sgdtheory.symbols import d as dimension


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(preconditioned)
    first, cross, second = (_settled(moment) for moment in moments_of_phi(d))
    covariance = d.add(
        "The second moments of phi stand still, in continuous time, where their rate of change per unit of eta t does,"
        " eta going to zero at a fixed noise level eta/m",
        "S_ij",
        cross,
        eta * noise_of_phi(0, 1) / (lambda_i + lambda_j),
    )
    power = d.add(
        "Every entry goes with one power of eta", "(eta/S_ij) dS_ij/d eta", eta / covariance * sp.diff(covariance, eta)
    )
    energy = d.add(
        "D tr(R' H R S) is a sum over modes, and tr(R' C R) = tr(C P)",
        "D tr(R' H R S)",
        sp.cancel(D * (lambda_i * first + lambda_j * second) / TRACE) * trCP,
        D * eta * trCP / (2 * m),
    )
    slope = d.add(
        "A divergence is the same in all coordinates. The slope of twice that of two Gaussians, where the logarithm of"
        " the determinant of a matrix of size d that goes with eta has the slope d/eta",
        "2 dKL/d eta",
        sp.diff(energy, eta) - power * dimension / eta,
        D * trCP / (2 * m) - dimension / eta,
    )
    (rate,) = sp.solve(slope, eta)
    d.add("It grows with eta and vanishes at one rate", "2 dKL/d eta", slope, dimension * (1 / rate - 1 / eta))
    d.add("Hence", "eta_KL", rate)
    return d


def _settled(moment: sp.Expr) -> sp.Expr:
    """Return where a second moment stands still in continuous time."""
    level = sp.Symbol("epsilon", positive=True)
    drift = ((moment - S) / eta).expand().subs(m, eta / level).expand().subs(eta, 0).subs(level, eta / m)
    return sp.solve(drift, S)[0]
