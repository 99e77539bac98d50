"""Derivation of the mean time to climb out of a minimum for weak noise: the integral for large arguments."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.exit_integral import LogEscapeIntegral
from sgdtheory.diffusion import log_escape_time
from sgdtheory.processes.exit_time import stable_diffusion

b = sp.Symbol("a", positive=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(stable_diffusion)
    whole = log_escape_time.value
    whole = d.add("The mean time for any noise, a result of its own", "log E[t_exit]", whole, whole)
    (logarithm,) = whole.atoms(LogEscapeIntegral)
    d.add(
        "The integral f, of which it is the logarithm, obeys",
        "2 a f'' + (1 - 2 a) f'",
        _equation(sp.exp(LogEscapeIntegral(b))),
        sp.Integer(1),
    )
    large = LogEscapeIntegral.for_large(b, 1)
    d.add(
        "exp(a) (pi/a)^(1/2)/2 obeys it up to a share of f' that vanishes as a grows; the constant is that of the"
        " integral of a Gaussian over the whole line",
        "(2 a f'' + (1 - 2 a) f')/f'",
        _equation(sp.exp(large)) / sp.diff(sp.exp(large), b),
        2 / (2 * b - 1),
    )
    d.add(
        "Hence for large a",
        "log E[t_exit]",
        whole.xreplace({logarithm: large.subs(b, logarithm.args[0])}),
        whole.xreplace({logarithm: large.subs(b, logarithm.args[0])}),
    )
    return d


def _equation(f: sp.Expr) -> sp.Expr:
    return 2 * b * sp.diff(f, b, 2) + (1 - 2 * b) * sp.diff(f, b)
