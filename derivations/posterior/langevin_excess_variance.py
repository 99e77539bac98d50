"""Derivation of the bias of Langevin dynamics: its stationary variance less that of the density exp(-L/tau)."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.posterior import langevin_stationary_covariance
from sgdtheory.processes.langevin import langevin
from sgdtheory.symbols import C_ii, C_ij, E_ij, eta, lambda_i, lambda_j, m, tau


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(langevin)
    variance = d.add(
        "Variance along mode i: the covariance with j = i, a result of its own, with E_ii = 1",
        "Sigma_ii",
        langevin_stationary_covariance.value.subs({lambda_j: lambda_i, C_ij: C_ii, E_ij: 1}),
    )
    x = sp.Symbol("x", real=True)
    density = sp.exp(-lambda_i * x**2 / (2 * tau))
    second, whole = (sp.integrate(power * density, (x, -sp.oo, sp.oo)) for power in (x**2, 1))
    wanted = d.add("The density exp(-L/tau), with L = lambda_i x^2/2, has the variance", "E[x^2]", second / whole)
    d.add(
        "The difference",
        "Sigma_ii - tau/lambda_i",
        variance - wanted,
        eta * (C_ii / m + tau * lambda_i) / (lambda_i * (2 - eta * lambda_i)),
    )
    return d
