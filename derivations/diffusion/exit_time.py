"""Derivation of the mean exit time of the diffusion limit: its backward equation, from a step's mean and variance."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.exit_integral import ExitIntegral
from sgdtheory.derivations.diffusion._saddle import drift_and_variance, x
from sgdtheory.processes.exit_time import unstable_diffusion
from sgdtheory.symbols import R, eta

y = sp.Symbol("y", positive=True)  # a displacement on the one side; the other is alike


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(unstable_diffusion)
    drift, variance = drift_and_variance(d)
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
