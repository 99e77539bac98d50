"""A cycle of two learning rates, seen as one step of a pair of modes."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.quadratic._premises import S, n_i, n_j, x_i, x_j
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import C_ij, eta_1, eta_2, lambda_i, lambda_j, m

k_i, k_j = sp.symbols("k_i k_j", real=True)  # the noise of the second step
CENTRED = {x_i: 0, x_j: 0, n_i: 0, n_j: 0, k_i: 0, k_j: 0}
NOISE = {(n_i, n_j): C_ij / m, (k_i, k_j): C_ij / m}
ORIGIN = sp.Matrix(sp.symbols("theta*_i theta*_j", real=True))


def cycle(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """State what a cycle makes of a pair of modes."""
    noise = sp.Matrix([n_i, n_j]), sp.Matrix([k_i, k_j])
    knobs = {"rates": (eta_1, eta_2), "curvature": sp.diag(lambda_i, lambda_j), "minimum": ORIGIN}
    after = scheduled.step(ORIGIN + sp.Matrix([x_i, x_j]), noise, learning_rate=1, **knobs) - ORIGIN
    first = d.add(
        "Two steps, in the eigenbasis of H, for the displacement x = theta - theta* along mode i; their noises are n"
        " and k",
        "x_i'",
        after[0],
        (1 - eta_2 * lambda_i) * ((1 - eta_1 * lambda_i) * x_i - eta_1 * n_i) - eta_2 * k_i,
    )
    second = d.add(
        "and along mode j",
        "x_j'",
        after[1],
        (1 - eta_2 * lambda_j) * ((1 - eta_1 * lambda_j) * x_j - eta_1 * n_j) - eta_2 * k_j,
    )
    return first, second


def cycle_covariance(d: Derivation, places: tuple[sp.Expr, sp.Expr]) -> sp.Expr:
    """Derive the stationary covariance where a cycle ends."""
    kept = [(1 - eta_1 * mode) * (1 - eta_2 * mode) for mode in (lambda_i, lambda_j)]
    stirred = eta_2**2 + eta_1**2 * (1 - eta_2 * lambda_i) * (1 - eta_2 * lambda_j)
    moment = d.add(
        "Multiply and take the expectation; the noises are independent of x and of each other",
        "E[x_i' x_j']",
        expectation(places[0] * places[1], CENTRED, {**NOISE, (x_i, x_j): S}),
        kept[0] * kept[1] * S + stirred * C_ij / m,
    )
    return d.add(
        "Each cycle multiplies the distance from the solution of E[x_i' x_j'] = S_ij by the two modes' factors, which"
        " are below one in size: every start tends to",
        "S_ij",
        fixed_point(*coefficients(moment, S)),
        stirred * C_ij / (m * (1 - kept[0] * kept[1])),
    )
