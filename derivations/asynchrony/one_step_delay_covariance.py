"""Derivation of the covariance with gradients one step old: four second moments, of which three differ."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import moment_recursion
from sgdtheory.derivations.asynchrony._premises import modes, y_i
from sgdtheory.derivations.quadratic._premises import NOISE, n_i, n_j, x_i, x_j
from sgdtheory.processes.old_parameters import delayed_gradient
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m

y_j = sp.Symbol("y_j", real=True)
UNKNOWN = dict(
    zip((x_i * x_j, x_i * y_j, y_i * x_j, y_i * y_j), sp.symbols("S_ij P_ij Q_ij R_ij", real=True), strict=True)
)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(delayed_gradient)
    first, second = modes(d, (x_i, y_i, n_i, lambda_i), (x_j, y_j, n_j, lambda_j))
    state, after = (x_i, y_i, x_j, y_j), (first, x_i, second, x_j)
    recursion = moment_recursion(list(after), state, lambda e: expectation(e, {n_i: 0, n_j: 0}, NOISE))
    place = {moment: number for number, moment in enumerate(recursion.moments)}
    names = {moment: f"E[{one}' {other}']" for moment, (one, other) in zip(UNKNOWN, _pairs(), strict=True)}

    def next_of(moment: sp.Expr, values: dict[sp.Expr, sp.Expr]) -> sp.Expr:
        row = recursion.matrix.row(place[moment])
        return sum(row[place[other]] * values[other] for other in UNKNOWN) + recursion.added[place[moment]]

    for moment, shown in names.items():
        d.add(
            "Multiply and take the expectation; the noise is independent of the state, has mean zero and covariance"
            " C/m, and a step makes the present displacement the old one, y' = x. Write S, P, Q, R for the moments of"
            " xx, xy, yx, yy before the step"
            if moment == x_i * x_j
            else "likewise",
            shown,
            next_of(moment, UNKNOWN),
        )
    solution = {moment: sp.factor(value) for moment, value in recursion.stationary().items() if moment in UNKNOWN}
    for moment, shown in names.items():
        d.add(
            "Stationary: the solution of the four, put back, comes back",
            shown,
            next_of(moment, solution),
            solution[moment],
        )
    d.add(
        "The first of them",
        "Sigma_ij",
        solution[x_i * x_j],
        eta
        * C_ij
        * (1 - eta**2 * lambda_i * lambda_j)
        / (m * (lambda_i + lambda_j - 3 * eta * lambda_i * lambda_j + eta**3 * lambda_i**2 * lambda_j**2)),
    )
    return d


def _pairs() -> list[tuple[sp.Symbol, sp.Symbol]]:
    return [(one, other) for one in (x_i, y_i) for other in (x_j, y_j)]
