"""Derivation of the covariance between the end of an epoch and a later step."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.reshuffling._premises import b_i, pair_of_modes, x_i
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import stationary_covariance
from sgdtheory.symbols import eta, k, lambda_i

y_j = sp.Symbol("y_j", real=True)
G = sp.Symbol("Gamma_ij", real=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    first, _ = pair_of_modes(d)
    after = d.add(
        "Let y be the displacement at the end of an epoch. The orders of the epochs after it know nothing of it: no"
        " later batch varies with y",
        "E[x_i' y_j]",
        expectation(first * y_j, {x_i: 0, b_i: 0, y_j: 0}, {(x_i, y_j): G}),
        (1 - eta * lambda_i) * G,
    )
    end = d.add(
        "At the end of the epoch itself it is the covariance, a result of its own",
        "E[y_i y_j]",
        stationary_covariance.value,
        stationary_covariance.value,
    )
    factor, added = coefficients(after, G)
    d.add("k steps later", "Gamma_ij(k)", course(sp.factor(factor), added, end, k), (1 - eta * lambda_i) ** k * end)
    return d
