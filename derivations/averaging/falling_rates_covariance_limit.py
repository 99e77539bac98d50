"""Derivation of the covariance after many steps of rates b/1, ..., b/t: the one power of t that stays."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.falling_rates_sum import FallingRatesSum
from sgdtheory.derivations.averaging._falling import covariance, k
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import C_ij, eta_t, lambda_i, lambda_j, m, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(scheduled)
    exact = covariance(d)
    a, c, level = sp.symbols("a c s_1", positive=True)

    def missed(form: sp.Expr) -> sp.Expr:
        """Return by how much a form in k misses the recursion of the sum."""
        step = sp.expand_func(FallingRatesSum(a, c, k)).subs(FallingRatesSum(a, c, k - 1), form.subs(k, k - 1))
        return sp.factor(form - step)

    (level_found,) = sp.solve(sp.limit(missed(level / k) * k**2, k, sp.oo), level)
    first = d.add(
        "For many steps try s_1/k for the sum, with a = b lambda_i and c = b lambda_j. It obeys the recursion to the"
        " order 1/k^2 for one s_1",
        "s_1",
        level_found,
        1 / (a + c - 1),
    )
    d.add(
        "and then misses it by a term that falls as 1/k^3",
        "s_1/k - s_1'/k",
        missed(first / k),
        -(a - 1) * (c - 1) / (k**2 * (k - 1) * (a + c - 1)),
    )
    shrinking = (1 - a / k) * (1 - c / k)
    d.add(
        "What is missed in step k shrinks by (1 - a/s)(1 - c/s) in each later step s, in all as (k/t)^(a + c): the"
        " logarithm of the product falls by",
        "-d log(product)/d log t",
        sp.limit(k * (1 - shrinking), k, sp.oo),
        a + c,
    )
    u, excess = sp.symbols("u e", positive=True)
    d.add(
        "Where a + c = 2 + e exceeds 2 the sum of 1/k^3 (k/t)^(a + c), as an integral over u = k/t, falls as 1/t^2, and"
        " what the start leaves as t^-(2 + e): beside 1/t both vanish",
        "t^2 times the sum",
        sp.integrate((u ** (a + c - 3)).subs(c, 2 + excess - a), (u, 0, 1)),
        1 / excess,
    )
    (function,) = exact.atoms(FallingRatesSum)
    limit = (first / t).subs(dict(zip((a, c), function.args, strict=False)))
    value = eta_t * C_ij / (m * (lambda_i + lambda_j - 1 / (eta_t * t)))
    d.add("Hence", "S(t)", exact.xreplace({function: limit}), value)
    return d
