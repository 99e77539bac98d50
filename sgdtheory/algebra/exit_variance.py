"""The variance of the time in which a diffusion leaves an unstable point."""

from __future__ import annotations

from functools import lru_cache
from math import comb
from typing import Any

import mpmath
import sympy as sp

from sgdtheory.algebra.exit_integral import GUARD, FunctionFromZero

s = sp.Symbol("s", positive=True)


class ExitVariance(FunctionFromZero):
    r"""The variance, over 1/gamma^2, of the time in which d x = gamma x dt + noise leaves a distance, for a >= 0.

    It is 4 sqrt(pi) times the integral over s = 0 ... sqrt(a) of D(s)^2 (erfcx(s) - exp(s^2 - a) erfcx(sqrt(a))), with
    Dawson's function D; also F^2 - 2 G with F = ExitIntegral(a) and, with H_k the harmonic numbers,
    4 G the sum over k = 1, 2, ... of (k - 1)! H_(k-1) (-a)^k/((1/2)_k k!).

    Examples
    --------
    >>> ExitVariance(sp.Integer(1)).evalf(30)
    0.317883794128816024746536286112
    >>> x = sp.Symbol("x", positive=True)
    >>> ExitVariance.for_large(x, 3)
    pi**2/8 - 1/(2*x) - 5/(8*x**2)
    """

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative, itself an integral."""
        (a,) = self.args
        return sp.pi * sp.exp(-a) / sp.sqrt(a) * sp.Integral(sp.exp(-(s**2)) * sp.erfi(s) ** 2, (s, 0, sp.sqrt(a)))

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        a = self.args[0]._eval_evalf(prec + GUARD)
        if a is None or not a.is_Float or a < 0:
            return None
        return sp.Float(derivative(mpmath.mp.make_mpf(a._mpf_), 0, int(prec)), precision=prec)

    @staticmethod
    def for_large(a: sp.Expr, terms: int) -> sp.Expr:
        """Return its first terms for large a."""
        return sp.pi**2 / 8 - sp.Add(*(c / a**k for k, c in enumerate(_tail(terms)) if k))


@lru_cache(maxsize=64)
def _tail(terms: int) -> tuple[sp.Rational, ...]:
    """Return c_k of pi^2/8 - c_1/a - c_2/a^2 - ..., for k = 0 ... terms - 1.

    By 2 a V'' + (1 + 2 a) V' = 4 a F'^2 and the terms (2k - 1)!!/(2a)^k/(2a), k = 0, 1, ..., of the derivative F'.
    """
    slope = [sp.factorial2(2 * k - 1) / sp.Integer(2) ** (k + 1) for k in range(terms)]  # of a^-(k + 1)
    found, last = [sp.S.Zero], sp.S.Zero  # last is the coefficient of a^-n in V'
    for n in range(1, terms):
        pushed = 4 * sum(slope[i] * slope[n - 1 - i] for i in range(n))
        last = (pushed + (2 * n - 1) * last) / 2
        found.append(last / n)
    return tuple(found)


@lru_cache(maxsize=1024)
def derivative(a: Any, order: int, prec: int) -> Any:
    """Return the derivative of this order, the function itself for order 0, at a number of mpmath to so many bits."""
    if a > 2 * (prec + GUARD):
        return _far(a, order, prec)
    with mpmath.workprec(2 * (prec + GUARD) + int(3 * a)):
        mean, rest = _near(a, order)
        found = sum(comb(order, j) * mean[j] * mean[order - j] for j in range(order + 1)) - 2 * rest[order]
    with mpmath.workprec(prec):
        return +found


def _near(a: Any, order: int) -> tuple[list[Any], list[Any]]:
    """Return F and G and their derivatives up to an order, by powers of a."""
    mean, rest = [mpmath.mpf(0)] * (order + 1), [mpmath.mpf(0)] * (order + 1)
    coefficient, harmonic, k = mpmath.mpf(-2), mpmath.mpf(0), 1  # of (k - 1)! (-1)^k/((1/2)_k k!), and H_(k-1)
    while True:
        terms = [coefficient * mpmath.ff(k, j) * a ** max(k - j, 0) for j in range(order + 1)]
        mean = [total - term / 2 for total, term in zip(mean, terms, strict=True)]
        rest = [total + harmonic * term / 4 for total, term in zip(rest, terms, strict=True)]
        if k > order + 4 and max(map(abs, terms)) <= mpmath.eps * min(a, 1) ** 2:
            return mean, rest
        harmonic += mpmath.mpf(1) / k
        coefficient *= -k / ((k + mpmath.mpf(1) / 2) * (k + 1))
        k += 1


def _far(a: Any, order: int, prec: int) -> Any:
    """Return the derivative by powers of 1/a."""
    with mpmath.workprec(prec + GUARD):
        total = mpmath.pi**2 / 8 if order == 0 else mpmath.mpf(0)
        for k, c in enumerate(_tail((prec + GUARD) // 2)):
            term = (-1) ** order * mpmath.rf(k, order) * int(c.p) / mpmath.mpf(int(c.q)) / a ** (k + order)
            total -= term
            if k > 3 and abs(term) < mpmath.mpf(2) ** -(prec + GUARD) * abs(total):
                break
        return total
