"""Steps that the laws of gradient descent on a drawn data set share: the same step on the data and on the population.

The true optimum is zero. The centres of the samples have the covariance K, their mean over the data set is b.
"""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic._sampled_bowl import variance_of_the_mean
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j

x_i, x_j, b_i, b_j, u_i, u_j = sp.symbols("x_i x_j b_i b_j u_i u_j", real=True)
K = sp.Symbol("K_ij", real=True)
HESSIAN = sp.diag(lambda_i, lambda_j)


def lag_behind_the_population(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """Derive a step of the difference x between the run on the data and that on the population, for two modes."""
    start = sp.Matrix(sp.symbols("theta_i theta_j", real=True))  # of the run on the population
    knobs = {"learning_rate": eta, "curvature": HESSIAN}
    on_data = sampled_quadratics.step(start + sp.Matrix([x_i, x_j]), sp.Matrix([b_i, b_j]), **knobs)
    moved = on_data - sampled_quadratics.step(start, sp.zeros(2, 1), **knobs)
    first = d.add(
        "A step on the data less one on the population, whose centres have the mean zero; x is their difference",
        "x_i'",
        moved[0],
        (1 - eta * lambda_i) * x_i + eta * lambda_i * b_i,
    )
    second = d.add("and along mode j", "x_j'", moved[1], (1 - eta * lambda_j) * x_j + eta * lambda_j * b_j)
    return first, second


def covariance_of_the_mean(d: Derivation) -> sp.Expr:
    """Derive the covariance of the mean of the centres in terms of C, that of one sample's gradient."""
    gradients = sampled_quadratics.gradient(sp.zeros(2, 1), sp.Matrix([u_i, u_j]), curvature=HESSIAN)
    noise = d.add(
        "Covariance of one sample's gradient at the true optimum, its centre u having the covariance K",
        "C_ij",
        expectation(gradients[0] * gradients[1], {u_i: 0, u_j: 0}, {(u_i, u_j): K}),
        lambda_i * lambda_j * K,
    )
    spread = variance_of_the_mean(d, K, "Cov[b]_ij")
    return d.add("Write it in terms of C", "Cov[b]_ij", spread.subs(K, sp.solve(noise - C_ij, K)[0]))


def covariance_of(d: Derivation, first: sp.Expr, second: sp.Expr, spread: sp.Expr, *, shown: str) -> sp.Expr:
    """Derive the covariance over data sets of two multiples of the means of the centres."""
    return d.add(
        "Multiply and take the expectation over data sets",
        shown,
        expectation(first * second, {b_i: 0, b_j: 0}, {(b_i, b_j): spread}),
    )
