"""Derivation of the deviation of the exit time of the diffusion limit: the backward equation of its mean square."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.exit_integral import ExitIntegral
from sgdtheory.algebra.exit_variance import ExitVariance
from sgdtheory.derivations.diffusion._saddle import drift_and_variance, x
from sgdtheory.processes.exit_time import unstable_diffusion
from sgdtheory.symbols import R, eta, gamma_u

y = sp.Symbol("y", positive=True)  # a displacement on the one side; the other is alike


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(unstable_diffusion)
    drift, variance = drift_and_variance(d)
    rate = sp.cancel(drift / x)

    def backward(f: sp.Expr) -> sp.Expr:
        return drift.subs(x, y) * sp.diff(f, y) + variance * sp.diff(f, y, 2) / 2

    edge, here = (rate * place**2 / variance for place in (R, y))
    mean = (ExitIntegral(edge) - ExitIntegral(here)) / rate
    d.add(
        "The mean time u to reach R from y vanishes at R and obeys the backward equation; so does a difference of two"
        " integrals",
        "drift u' + (variance/2) u''",
        backward(mean),
        sp.Integer(-1),
    )
    spread = (ExitVariance(edge) - ExitVariance(here)) / rate**2
    d.add(
        "The mean square w vanishes there too and obeys it with -2 u; so does u^2 + v, v being the variance,",
        "drift w' + (variance/2) w'' + 2 u",
        backward(spread + mean**2) + 2 * mean,
        sp.Integer(0),
    )
    d.add("as at the distance itself no time is left", "v(R)", spread.subs(y, R), sp.Integer(0))
    d.add(
        "It is even in y, hence smooth at the saddle point: there, and in steps",
        "Var[t_exit]^(1/2)",
        sp.sqrt(spread.subs(y, 0)) / eta,
        sp.sqrt(ExitVariance(edge)) / (eta * gamma_u),
    )
    return d
