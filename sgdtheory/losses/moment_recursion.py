"""The recursion of the first two moments of SGD on a stated loss, in symbols."""

from __future__ import annotations

import sympy as sp

from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import MomentRecursion, moment_recursion
from sgdtheory.numeric.second_moments import GradientNoise


def recursion_in_symbols(
    hessian: sp.Matrix, noise: GradientNoise, rate: sp.Expr, share: sp.Expr
) -> tuple[MomentRecursion, tuple[sp.Symbol, ...]]:
    """Return the recursion of the moments of e = theta - theta* up to degree two, and the symbols of e."""
    d = hessian.rows
    e, n = (sp.Matrix([sp.Dummy(f"{letter}_{i + 1}", real=True) for i in range(d)]) for letter in "en")
    after = e - rate * (hessian * e + n)
    covariance = share * noise.expected(e, e * e.T)
    pairs = {(n[i], n[j]): covariance[i, j] for i in range(d) for j in range(i, d)}
    centred = dict.fromkeys(n, sp.Integer(0))
    return moment_recursion(list(after), list(e), lambda part: expectation(part, centred, pairs)), tuple(e)
