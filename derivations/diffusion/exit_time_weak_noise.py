"""Derivation of the mean exit time of the diffusion limit for weak noise: the integral for large arguments."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.exit_integral import ExitIntegral
from sgdtheory.diffusion import exit_time
from sgdtheory.processes.exit_time import unstable_diffusion

b = sp.Symbol("a", positive=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(unstable_diffusion)
    whole = d.add("The mean exit time for any noise, a result of its own", "E[t_exit]", exit_time.value)
    (integral,) = whole.atoms(ExitIntegral)
    d.add("The integral f obeys", "2 a f'' + (1 + 2 a) f'", _equation(ExitIntegral(b)), sp.Integer(1))
    logarithm = ExitIntegral.for_large(b, 1)
    d.add(
        "So does log(4 a)/2 with any constant, but for what vanishes as a grows; the constant is Euler's over two,"
        " as the integral of (1 - exp(-z))/z from 0 to 1 less that of exp(-z)/z beyond",
        "2 a f'' + (1 + 2 a) f' - 1",
        _equation(logarithm) - 1,
        -1 / (2 * b),
    )
    d.add("Hence for large a", "E[t_exit]", whole.xreplace({integral: logarithm.subs(b, integral.args[0])}))
    return d


def _equation(f: sp.Expr) -> sp.Expr:
    return 2 * b * sp.diff(f, b, 2) + (1 + 2 * b) * sp.diff(f, b)
