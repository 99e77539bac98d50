"""Derivation of a lower bound on the mean square with rates b/1, b/2, b/3, ...: a step never leads below it."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.averaging._greedy import M, rate, second_moment
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import b, c, lambda_, m, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(scheduled)
    moment = second_moment(d)
    V = sp.Symbol("V", positive=True)
    change = sp.expand((moment.subs({rate: b / (t + 1), M: V / t}) - V / (t + 1)) * (t + 1))
    (level,) = sp.solve(sp.limit(change * t, t, sp.oo), V)
    d.add(
        "Step t + 1 has the rate b/(t + 1). For large t it takes a mean square V/t to V/(t + 1), up to smaller terms,"
        " for one V",
        "V",
        level,
        b**2 * c / (m * (2 * b * lambda_ - 1)),
    )
    d.add(
        "With this V it never leads below: the mean square after the step grows with that before it, and from V/t it"
        " exceeds V/(t + 1) by a square",
        "E[x'^2] - V/(t + 1)",
        (moment.subs({rate: b / (t + 1), M: level / t}) - level / (t + 1)).factor(),
        level * (1 - b * lambda_) ** 2 / (t * (t + 1) ** 2),
    )
    d.add(
        "The first step, of rate b, leaves b^2 c/m at least, which is V or more where b lambda is one or more",
        "(b^2 c/m)/V - 1",
        sp.cancel(moment.subs({rate: b, M: 0}) / level - 1),
        2 * (b * lambda_ - 1),
    )
    d.add("Hence after t steps the mean square is at least", "V/t", level / t)
    return d
