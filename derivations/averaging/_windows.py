"""Sums of the iterates in a window, whose second moments follow from those of one step."""

from __future__ import annotations

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.quadratic._premises import NOISE, n_i, n_j, pair_of_modes, x_i, x_j
from sgdtheory.symbols import T

# The sum of the displacements of a mode so far.
s_i, s_j = sp.symbols("s_i s_j", real=True)


def window_sum(d: Derivation, start: sp.Expr) -> sp.Expr:
    """Derive the second moment of the sum of T iterates that start with a covariance."""
    return sum_of_places(d, start, pair_of_modes(d), {n_i: 0, n_j: 0}, NOISE)


def sum_of_places(
    d: Derivation, start: sp.Expr, places: tuple[sp.Expr, sp.Expr], centred: dict, covariances: dict
) -> sp.Expr:
    """Derive the second moment of the sum of T successive places, from what a step makes of a pair of modes.

    ``centred`` and ``covariances`` are means and covariances of the step's noise.
    """
    first, second = places
    S, Q_i, Q_j, F = sp.symbols("S_ij Q_i Q_j F", real=True)
    noise = {**centred, s_i: 0, s_j: 0, x_i: 0, x_j: 0}
    cross = d.add(
        "Add the displacements up, s' = s + x. The sum along i with the next displacement along j, where S is their"
        " stationary covariance and Q_j the moment of s_i x_j",
        "E[s_i' x_j']",
        expectation((s_i + x_i) * second, noise, {**covariances, (s_i, x_j): Q_j, (x_i, x_j): S}),
        sp.diff(second, x_j) * (Q_j + S),
    )
    turned = expectation((s_j + x_j) * first, noise, {**covariances, (s_j, x_i): Q_i, (x_i, x_j): S})
    steps = [coefficients(turned, Q_i), coefficients(cross, Q_j)]
    left, right = (course(*step, sp.Integer(0), T) for step in steps)
    d.add(
        "It starts at zero; its course, put into the step",
        "Q_j(T+1)",
        cross.subs(Q_j, right),
        right.subs(T, T + 1),
    )
    total = expectation(
        (s_i + x_i) * (s_j + x_j), noise, {(s_i, s_j): F, (s_i, x_j): Q_j, (s_j, x_i): Q_i, (x_i, x_j): S}
    )
    d.add("The sums themselves, F being the moment of s_i s_j", "E[s_i' s_j']", total, F + Q_j + Q_i + S)
    solution = sp.Add(S * T, *(_summed(part, step[0], T) for part, step in zip((left, right), steps, strict=True)))
    d.add(
        "It starts at zero too; the sum of these terms over T steps, put into the step",
        "F(T+1)",
        total.subs({F: solution, Q_i: left, Q_j: right}),
        solution.subs(T, T + 1),
    )
    return solution.subs(S, start)


def _summed(part: sp.Expr, factor: sp.Expr, steps: sp.Symbol) -> sp.Expr:
    """Return the sum of l + c factor**t over t below a number of steps."""
    power = sp.Symbol("power")
    slope, limit = coefficients(sp.expand(part.subs(factor**steps, power)), power)
    return limit * steps + slope * course(factor, sp.Integer(1), sp.Integer(0), steps)
