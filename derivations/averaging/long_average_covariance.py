"""Derivation of the covariance of a long average: what decays and what falls as 1/T^2 is left out."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.averaging import window_average_covariance
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ij, T, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    exact = window_average_covariance.value
    known = d.add("The exact value, a result of its own", "Cov[average]_ij", exact, exact)
    powers = [power for power in known.atoms(sp.Pow) if power.exp == T]
    settled = d.add(
        "Inside the stability limit (1 - eta lambda)^T goes to zero faster than any power of 1/T",
        "Cov[average]_ij",
        known.xreplace(dict.fromkeys(powers, sp.Integer(0))),
    )
    limit = d.add(
        "The leading term in 1/T; the learning rate drops out",
        "lim T Cov[average]_ij",
        sp.limit(T * settled, T, sp.oo),
        C_ij / (m * lambda_i * lambda_j),
    )
    d.add("To leading order, then", "Cov[average]_ij", limit / T)
    return d
