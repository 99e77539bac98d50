"""Derivation of the mean time to climb out of a minimum: its backward equation, from a step's mean and variance."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.exit_integral import LogEscapeIntegral
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.diffusion._saddle import n, step_of, x
from sgdtheory.processes.exit_time import stable_diffusion
from sgdtheory.symbols import R, c, eta, lambda_, m

y = sp.Symbol("y", positive=True)  # a displacement on the one side; the other is alike
f = sp.Symbol("f", positive=True)  # the exponential of a LogEscapeIntegral


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(stable_diffusion)
    after = step_of(sp.Matrix([x]), sp.Matrix([n]), sp.Matrix([[lambda_]]))[0]
    drift = d.add(
        "Mean of a step from x, per unit of the time s = eta t",
        "(E[x'] - x)/eta",
        (expectation(after, {n: 0}, {}) - x) / eta,
        -lambda_ * x,
    )
    variance = d.add(
        "and its variance",
        "Var[x']/eta",
        expectation((after - expectation(after, {n: 0}, {})) ** 2, {n: 0}, {(n, n): c / m}) / eta,
        eta * c / m,
    )
    rate = sp.cancel(-drift / x)
    whole, passed = (sp.exp(LogEscapeIntegral(rate * place**2 / variance)) for place in (R, y))
    mean_time = (whole - passed) / rate
    d.add(
        "The mean time u to reach R from y vanishes at R and obeys the backward equation; so does this",
        "drift u' + (variance/2) u''",
        drift.subs(x, y) * sp.diff(mean_time, y) + variance * sp.diff(mean_time, y, 2) / 2,
        sp.Integer(-1),
    )
    d.add("At the distance itself no time is left", "u(R)", mean_time.subs(y, R), sp.Integer(0))
    start = mean_time.subs(y, 0) / eta
    d.add("It is even in y, hence smooth at the minimum: there, and in steps", "E[t_exit]", start, start)
    shown = sp.expand_log(sp.log(start.xreplace({whole: f}))).xreplace({sp.log(f): whole.args[0]})
    d.add("Its logarithm", "log E[t_exit]", shown, shown)
    return d
