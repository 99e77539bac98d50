"""Derivation of the stationary variance about the mean of the data; batches with replacement."""

import sympy as sp
from sgdtheory.derivations.quadratic._premises import b, one_bowl, x

from sgdtheory.algebra.batches import batch_mean_covariance
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import D, eta, lambda_, m, s2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    after, V = one_bowl(d), sp.Symbol("V", real=True)
    noise = d.add(
        "Variance of a batch's mean; the squared deviations of the data add up to (D - 1) s^2",
        "Var[b]",
        batch_mean_covariance((D - 1) * s2, D, m, replacement=True),
        s2 * (1 - 1 / D) / m,
    )
    moment = d.add(
        "Square and take the expectation; a fresh batch is independent of x",
        "E[x'^2]",
        expectation(after**2, {x: 0, b: 0}, {(x, x): V, (b, b): noise}),
        (1 - eta * lambda_) ** 2 * V + eta**2 * lambda_**2 * noise,
    )
    factor, added = coefficients(moment, V)
    solution = fixed_point(factor, added)
    d.add("Stationary: the solution of E[x'^2] = V, put back", "V", moment.subs(V, solution), solution)
    d.add("In lowest terms", "Var[theta]", solution)
    return d
