"""Derivation of the mean exit time of the diffusion limit: its backward equation, from a step's mean and variance."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.exit_integral import ExitIntegral
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.diffusion._saddle import n, step_of, x
from sgdtheory.processes.exit_time import unstable_diffusion
from sgdtheory.symbols import R, c_u, eta, gamma_u, m

y = sp.Symbol("y", positive=True)  # a displacement on the one side; the other is alike


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(unstable_diffusion)
    after = step_of(sp.Matrix([x]), sp.Matrix([n]), sp.Matrix([[-gamma_u]]))[0]
    drift = d.add(
        "Mean of a step from x, per unit of the time s = eta t",
        "(E[x'] - x)/eta",
        (expectation(after, {n: 0}, {}) - x) / eta,
        gamma_u * x,
    )
    variance = d.add(
        "and its variance",
        "Var[x']/eta",
        expectation((after - expectation(after, {n: 0}, {})) ** 2, {n: 0}, {(n, n): c_u / m}) / eta,
        eta * c_u / m,
    )
    rate = sp.cancel(drift / x)
    mean_time = (ExitIntegral(rate * R**2 / variance) - ExitIntegral(rate * y**2 / variance)) / rate
    d.add(
        "The mean time u to reach R from y vanishes at R and obeys the backward equation; so does this",
        "drift u' + (variance/2) u''",
        drift.subs(x, y) * sp.diff(mean_time, y) + variance * sp.diff(mean_time, y, 2) / 2,
        sp.Integer(-1),
    )
    d.add("At the distance itself no time is left", "u(R)", mean_time.subs(y, R), sp.Integer(0))
    d.add(
        "It is even in y, hence smooth at the saddle point: there, and in steps",
        "E[t_exit]",
        mean_time.subs(y, 0) / eta,
    )
    return d
