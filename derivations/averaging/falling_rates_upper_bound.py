"""Derivation of an upper bound on the mean square with rates b/1, b/2, b/3, ...: a step never leads above it."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.averaging._greedy import M, rate, second_moment
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import b, c, lambda_, m, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(scheduled)
    moment = second_moment(d)
    V, a = sp.symbols("V a", positive=True)
    change = sp.expand((moment.subs({rate: b / (t + 1), M: V / t}) - V / (t + 1)) * (t + 1))
    (level,) = sp.solve(sp.limit(change * t, t, sp.oo), V)
    d.add(
        "Step t + 1 has the rate b/(t + 1). For large t it takes a mean square V/t to V/(t + 1), up to smaller terms,"
        " for one V",
        "V",
        level,
        b**2 * c / (m * (2 * b * lambda_ - 1)),
    )
    first = d.add("The first step, from the minimum, leaves", "K", moment.subs({rate: b, M: 0}), b**2 * c / m)
    bound = 1 / (1 / first + (t - 1) / level)
    d.add(
        "Let U_t be the square whose inverse starts from there and grows by 1/V in each step",
        "U_t",
        bound,
        b**2 * c / (m * (1 + (2 * b * lambda_ - 1) * (t - 1))),
    )
    gap = (bound.subs(t, t + 1) - moment.subs({rate: b / (t + 1), M: bound})) / first
    d.add(
        "The mean square after step t + 1 grows with that before it; with a = b lambda, from U_t it stays below U_(t+1)"
        " by",
        "(U_(t+1) - E[x'^2])/K",
        sp.factor(gap.subs(lambda_, a / b)),
        (a - 1) ** 2 * ((5 - 2 * a) * t - 1) / ((t + 1) ** 2 * (1 + (2 * a - 1) * t) * (1 + (2 * a - 1) * (t - 1))),
    )
    d.add(
        "which is not negative for a between one half and two: the bracket grows with t, and where t is one it is",
        "(5 - 2a) - 1",
        ((5 - 2 * a) * t - 1).subs(t, 1),
        2 * (2 - a),
    )
    d.add("Hence after t steps the mean square is at most", "U_t", bound)
    return d
