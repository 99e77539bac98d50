"""Preconditioners with which a run has the posterior's law: one mode alone, and all of them for any noise."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.posterior._premises import HESSIAN, preconditioned_modes
from sgdtheory.derivations.quadratic._premises import CENTRED, n_i, n_j, x_i, x_j
from sgdtheory.symbols import D, eta, lambda_i, lambda_j

P = sp.Symbol("P", positive=True)
S = sp.Symbol("S_i", nonnegative=True)
P_ii, P_jj = sp.symbols("P_ii P_jj", positive=True)
P_ij = sp.Symbol("P_ij", real=True)


def second_moment(d: Derivation, variance: sp.Expr) -> sp.Expr:
    """Derive the second moment of a mode after a step, from the variance of the gradient's noise along it."""
    other = sp.Symbol("P_j", positive=True)
    after = d.add(
        "The step for theta = R phi along mode i, in the eigenbasis of H, where R and P = R R' are diagonal",
        "x_i'",
        preconditioned_modes(sp.diag(sp.sqrt(P), sp.sqrt(other)), d.process)[0],
        (1 - eta * P * lambda_i) * x_i - eta * P * n_i,
    )
    return d.add(
        "Its second moment; the noise is independent of x",
        "E[x_i'^2]",
        expectation(after**2, CENTRED, {(n_i, n_i): variance, (x_i, x_i): S}),
        (1 - eta * P * lambda_i) ** 2 * S + eta**2 * P**2 * variance,
    )


def keeps_the_posterior(d: Derivation, noise: sp.Matrix, reason: str) -> None:
    """Derive that with P = (2/eta) (D N + H)^-1 a step leaves the posterior as it is, N being the gradient's noise.

    ``reason`` says what P is, in the words of the process.
    """
    first, second = _modes(d)
    best = 2 / eta * (D * noise + HESSIAN).inv()
    pairs = {(n_i, n_i): noise[0, 0], (n_i, n_j): noise[0, 1], (n_j, n_j): noise[1, 1]}
    posterior = {**pairs, (x_i, x_i): 1 / (D * lambda_i), (x_j, x_j): 1 / (D * lambda_j)}
    known = {P_ii: best[0, 0], P_ij: best[0, 1], P_jj: best[1, 1]}
    inverse = best.inv()
    for number, (row, column, name) in enumerate(((0, 0, "ii"), (0, 1, "ij"))):
        d.add(
            "likewise"
            if number
            else f"With {reason} the inverse exceeds (eta/2) H by a covariance: no eigenvalue of"
            " eta P H is above two; where the noise reaches every direction all are below, and from every start"
            " the mean and the second moments tend to their fixed point",
            f"(P^-1 - (eta/2) H)_{name}",
            inverse[row, column] - eta / 2 * HESSIAN[row, column],
            eta * D / 2 * noise[row, column],
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


def _modes(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """State the step of two modes for any symmetric preconditioner, by its triangular factor."""
    a = sp.sqrt(P_ii)
    factor = sp.Matrix([[a, 0], [P_ij / a, sp.sqrt(P_jj - P_ij**2 / P_ii)]])
    after = preconditioned_modes(factor, d.process)
    pulls = [lambda_i * x_i + n_i, lambda_j * x_j + n_j]
    first = d.add(
        "The step for theta = R phi along mode i, in the eigenbasis of H, with P = R R'",
        "x_i'",
        after[0],
        x_i - eta * (P_ii * pulls[0] + P_ij * pulls[1]),
    )
    second = d.add("and along mode j", "x_j'", after[1], x_j - eta * (P_ij * pulls[0] + P_jj * pulls[1]))
    return first, second
