"""Steps that results on the mean square share: its recursion, with and without momentum, and its fixed point."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._premises import S, one_mode, w, x
from sgdtheory.symbols import c, eta, kappa, lambda_, p, v


def mean_square(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """Derive the mean square after a step of plain SGD; return its factor and, at mean zero, what is added."""
    _, recursion = one_mode(d)
    mean, square = (recursion.matrix.row(place) for place in (0, 1))
    d.add("The mean after a step; a fresh batch is independent of x", "E[x']", mean[0] * x, (1 - eta * lambda_) * x)
    after = d.add(
        "Square and take the expectation, S being that of x^2 before the step",
        "E[x'^2]",
        square[1] * S + square[0] * x + recursion.added[1],
        ((1 - eta * lambda_) ** 2 + eta**2 * p * v) * S + 2 * eta**2 * p * kappa * x + eta**2 * p * c,
    )
    centred = d.add("The mean tends to zero, and with it the cross term", "E[x'^2]", after.subs(x, 0))
    return sp.expand(centred).coeff(S), sp.expand(centred).coeff(S, 0)


def stationary_mean_square(d: Derivation) -> sp.Expr:
    """Derive the stationary mean square of plain SGD."""
    factor, added = mean_square(d)
    solution = d.add("Stationary: E[x'^2] = S", "S*", added / (1 - factor))
    d.add(
        "Each step multiplies the distance from it by the factor, below one where the mean square converges",
        "E[x'^2] - S*",
        factor * S + added - solution,
        ((1 - eta * lambda_) ** 2 + eta**2 * p * v) * (S - solution),
    )
    return solution


def stationary_with_momentum(d: Derivation) -> sp.Expr:
    """Derive the stationary mean square with momentum."""
    return moments_with_momentum(d)[x**2]


def moments_with_momentum(d: Derivation) -> dict[sp.Expr, sp.Expr]:
    """Derive the stationary second moments with momentum: a linear system of three, whose solution is put back."""
    _, recursion = one_mode(d)
    place = {moment: number for number, moment in enumerate(recursion.moments)}
    names = dict(zip((x**2, x * w, w**2), sp.symbols("S Y W", real=True), strict=True))
    rows = {moment: recursion.matrix.row(place[moment]) for moment in names}

    def next_of(moment: sp.Expr, values: dict[sp.Expr, sp.Expr]) -> sp.Expr:
        linear = sum(rows[moment][place[other]] * values[other] for other in names)
        return linear + recursion.added[place[moment]]

    shown = {x**2: "E[x'^2]", x * w: "E[x' w']", w**2: "E[w'^2]"}
    for moment in names:
        d.add(
            "Take expectations at mean zero, S, Y, W being those of x^2, x w, w^2 before the step",
            shown[moment],
            next_of(moment, names),
        )
    values = recursion.stationary()
    solution = {moment: sp.factor(values[moment]) for moment in names}
    for moment in names:
        d.add(
            "Stationary: the solution of the three, put back",
            shown[moment],
            next_of(moment, solution),
            solution[moment],
        )
    return solution
