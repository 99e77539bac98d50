"""Derivation of the covariance after t steps near a saddle point: the course of second moments from zero."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import covariance
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.diffusion._saddle import NOISE, S, n_i, n_j, pair_of_modes, x_i, x_j
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import C_ij, eta, h_i, h_j, m, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(saddle)
    first, second = pair_of_modes(d)
    means = {x_i: sp.Symbol("mu_i"), x_j: sp.Symbol("mu_j"), n_i: 0, n_j: 0}
    moment = d.add(
        "Covariance after a step, whatever the mean",
        "Cov[x_i', x_j']",
        covariance(first, second, means, {**NOISE, (x_i, x_j): S}),
        (1 - eta * h_i) * (1 - eta * h_j) * S + eta**2 * C_ij / m,
    )
    factor, added = coefficients(moment, S)
    factor = sp.factor(factor)
    solution = course(factor, added, sp.Integer(0), t)
    d.add("A fixed start has no covariance", "Sigma_ij(0)", solution.subs(t, 0), sp.Integer(0))
    d.add("The solution, put into the recursion", "Sigma_ij(t+1)", factor * solution + added, solution.subs(t, t + 1))
    d.add("Hence", "Sigma_ij(t)", solution)
    return d
