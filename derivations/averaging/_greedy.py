"""Steps in one dimension whose rate is the best for the square that they start from."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import c, delta, lambda_, m, t

x, n, origin = sp.symbols("x n theta*", real=True)
rate, M = sp.symbols("rate M", positive=True)


def second_moment(d: Derivation) -> sp.Expr:
    """Derive the mean square after a step of some rate, from the mean square M before it."""
    knobs = {"rates": (rate,), "curvature": sp.Matrix([[lambda_]]), "minimum": sp.Matrix([origin])}
    after = scheduled.step(sp.Matrix([origin + x]), (sp.Matrix([n]),), learning_rate=1, **knobs)[0] - origin
    after = d.add("A step, for the displacement x = theta - theta*", "x'", after, (1 - rate * lambda_) * x - rate * n)
    return d.add(
        "Its mean square; the noise is independent of x",
        "E[x'^2]",
        expectation(after**2, {x: 0, n: 0}, {(x, x): M, (n, n): c / m}),
        (1 - rate * lambda_) ** 2 * M + rate**2 * c / m,
    )


def best_rate(d: Derivation, moment: sp.Expr) -> sp.Expr:
    """Derive the rate that minimises the mean square after a step."""
    (best,) = sp.solve(sp.diff(moment, rate), rate)
    return d.add("It is a parabola in the rate; its vertex", "rate", best, m * lambda_ * M / (m * lambda_**2 * M + c))


def course(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """Derive the best rate as a function of M, and the mean square after t steps of such rates from a start."""
    moment = second_moment(d)
    best = best_rate(d, moment)
    gain = d.add(
        "With this rate the inverse of the mean square grows by the same at each step, whatever it is",
        "1/E[x'^2] - 1/M",
        sp.cancel(1 / moment.subs(rate, best) - 1 / M),
        m * lambda_**2 / c,
    )
    square = d.add(
        "So after t steps from the displacement delta",
        "E[x(t)^2]",
        1 / (1 / delta**2 + t * gain),
        c * delta**2 / (c + t * m * lambda_**2 * delta**2),
    )
    return best, square
