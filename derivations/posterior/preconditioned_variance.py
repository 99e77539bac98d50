"""Derivation of the posterior as the law of preconditioned SGD: a step leaves its second moments as they are."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.posterior._premises import HESSIAN, preconditioned_modes
from sgdtheory.derivations.quadratic._premises import CENTRED, NOISE, n_i, n_j, x_i, x_j
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import C_ii, C_ij, C_jj, D, eta, lambda_i, lambda_j, m

P_ii, P_jj = sp.symbols("P_ii P_jj", positive=True)
P_ij = sp.Symbol("P_ij", real=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(preconditioned)
    first, second = _modes(d)
    noise = sp.Matrix([[C_ii, C_ij], [C_ij, C_jj]])
    best = 2 * m / eta * (D * noise + m * HESSIAN).inv()
    posterior = {**NOISE, (x_i, x_i): 1 / (D * lambda_i), (x_j, x_j): 1 / (D * lambda_j)}
    known = {P_ii: best[0, 0], P_ij: best[0, 1], P_jj: best[1, 1]}
    inverse = best.inv()
    for number, (row, column, name) in enumerate(((0, 0, "ii"), (0, 1, "ij"))):
        d.add(
            "likewise"
            if number
            else "With P = (2 m/eta) (D C + m H)^-1 the inverse exceeds (eta/2) H by a covariance: no eigenvalue of"
            " eta P H is above two; where the noise reaches every direction all are below, and from every start"
            " the mean and the second moments tend to their fixed point",
            f"(P^-1 - (eta/2) H)_{name}",
            inverse[row, column] - eta / 2 * HESSIAN[row, column],
            eta * D / (2 * m) * noise[row, column],
        )
    d.add(
        "The fixed point is the posterior: if x has its covariance (D H)^-1 before the step, modes are not correlated"
        " after it",
        "E[x_i' x_j']",
        expectation(first * second, CENTRED, posterior).subs(known),
        sp.Integer(0),
    )
    d.add(
        "and the variances are the same",
        "E[x_i'^2]",
        expectation(first**2, CENTRED, posterior).subs(known),
        1 / (D * lambda_i),
    )
    return d


def _modes(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """State the step of two modes for any symmetric preconditioner, by its triangular factor."""
    a = sp.sqrt(P_ii)
    factor = sp.Matrix([[a, 0], [P_ij / a, sp.sqrt(P_jj - P_ij**2 / P_ii)]])
    after = preconditioned_modes(factor)
    pulls = [lambda_i * x_i + n_i, lambda_j * x_j + n_j]
    first = d.add(
        "The step for theta = R phi along mode i, in the eigenbasis of H, with P = R R'",
        "x_i'",
        after[0],
        x_i - eta * (P_ii * pulls[0] + P_ij * pulls[1]),
    )
    second = d.add("and along mode j", "x_j'", after[1], x_j - eta * (P_ij * pulls[0] + P_jj * pulls[1]))
    return first, second
