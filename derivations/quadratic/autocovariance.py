"""Derivation of the lagged autocovariance: later noise is independent of the earlier state."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.quadratic._premises import n_i, pair_of_modes, x_i
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance
from sgdtheory.symbols import eta, k, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    first, _ = pair_of_modes(d)
    early, G = sp.Symbol("y_j", real=True), sp.Symbol("G_ij", real=True)
    moment = d.add(
        "Multiply by the earlier state y_j and take the expectation; the new noise is independent of it",
        "E[x_i' y_j]",
        expectation(first * early, {x_i: 0, n_i: 0, early: 0}, {(x_i, early): G}),
        (1 - eta * lambda_i) * G,
    )
    factor, added = coefficients(moment, G)
    start = d.add("At lag zero it is the stationary covariance", "Gamma_ij(0)", stationary_covariance.value)
    solution = course(factor, added, start, k)
    d.add(
        "The geometric solution, put into the recursion",
        "Gamma_ij(k+1)",
        factor * solution + added,
        solution.subs(k, k + 1),
    )
    d.add("Hence", "Gamma_ij(k)", solution)
    return d
