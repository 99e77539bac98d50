"""The integral that gives the mean time in which a diffusion leaves an unstable point, and that for a stable one."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import mpmath
import sympy as sp

GUARD = 30  # bits worked out beyond those that are asked for


class FunctionFromZero(sp.Function):
    """A function of a >= 0 that is zero at zero and positive beyond."""

    nargs = 1

    @classmethod
    def eval(cls, a: sp.Expr) -> sp.Expr | None:
        """Return zero at zero."""
        return sp.S.Zero if a.is_zero else None

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_positive

    def _eval_is_nonnegative(self) -> bool | None:
        return self.args[0].is_nonnegative

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_nonnegative


class ExitIntegral(FunctionFromZero):
    r"""The integral of 1 - exp(-a / cosh(v)**2) over v = 0 ... infinity, for a >= 0.

    It is a 2F2(1, 1; 3/2, 2; -a), and twice the integral of Dawson's function from 0 to sqrt(a).

    Examples
    --------
    >>> ExitIntegral(sp.Integer(1)).evalf(30)
    0.739441630099079300500648896428
    >>> x = sp.Symbol("x", positive=True)
    >>> ExitIntegral.for_large(x, 2)
    log(4*x)/2 + EulerGamma/2 - 1/(4*x)
    """

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative, Dawson's function at sqrt(a) over sqrt(a)."""
        (a,) = self.args
        return sp.sqrt(sp.pi) * sp.exp(-a) * sp.erfi(sp.sqrt(a)) / (2 * sp.sqrt(a))

    def _eval_rewrite_as_hyper(self, a: sp.Expr, **hints: Any) -> sp.Expr:
        return a * sp.hyper((1, 1), (sp.Rational(3, 2), 2), -a)

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        a = self.args[0]._eval_evalf(prec + GUARD)
        if a is None or not a.is_Float or a < 0:
            return None
        return sp.Float(_value(a, prec), precision=prec)

    @staticmethod
    def for_large(a: sp.Expr, terms: int) -> sp.Expr:
        """Return its first terms for large a: the logarithm with its constant counts as the first."""
        powers = [sp.factorial2(2 * k - 1) / (2 * k * (2 * a) ** k) for k in range(1, terms)]
        return (sp.log(4 * a) + sp.EulerGamma) / 2 - sp.Add(*powers)


class LogEscapeIntegral(sp.Function):
    """The logarithm of a 2F2(1, 1; 3/2, 2; a) for a > 0, which is minus ExitIntegral(-a).

    Examples
    --------
    >>> LogEscapeIntegral(sp.Integer(4)).evalf(30)
    3.31173715969772020507063577085
    >>> x = sp.Symbol("x", positive=True)
    >>> LogEscapeIntegral.for_large(x, 2)
    x - log(x)/2 + log(1 + 1/(2*x)) - log(2) + log(pi)/2
    """

    nargs = 1

    @classmethod
    def eval(cls, a: sp.Expr) -> sp.Expr | None:
        """Return the logarithm of zero at zero."""
        return sp.S.NegativeInfinity if a.is_zero else None

    def _eval_is_real(self) -> bool | None:
        return self.args[0].is_positive

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """Return the derivative."""
        (a,) = self.args
        return sp.sqrt(sp.pi) * sp.exp(a) * sp.erf(sp.sqrt(a)) / (2 * sp.sqrt(a)) * sp.exp(-self)

    def _eval_rewrite_as_hyper(self, a: sp.Expr, **hints: Any) -> sp.Expr:
        return sp.log(a * sp.hyper((1, 1), (sp.Rational(3, 2), 2), a))

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        a = self.args[0]._eval_evalf(prec + GUARD)
        if a is None or not a.is_Float or a <= 0:
            return None
        if a <= prec + GUARD:
            with mpmath.workprec(prec + GUARD):
                return sp.Float(mpmath.log(-_value(-a, prec + GUARD)), precision=prec)
        return self.for_large(a, int(prec) + GUARD)._eval_evalf(prec)  # what it leaves out is of the size exp(-a)

    @staticmethod
    def for_large(a: sp.Expr, terms: int) -> sp.Expr:
        """Return its first terms for large a, those that grow and the constant being the first."""
        series, term = sp.S.One, sp.S.One
        for k in range(1, terms):
            term *= (2 * k - 1) / (2 * a)
            series += term
        return a - sp.log(a) / 2 + sp.log(sp.pi) / 2 - sp.log(2) + sp.log(series)


@lru_cache(maxsize=1024)
def _value(a: sp.Float, prec: int) -> mpmath.mpf:
    """Return the value to so many bits: by powers of 1/a where the smallest one is small enough, else by those of a."""
    large = a > prec + GUARD
    with mpmath.workprec(prec + GUARD + (0 if large else max(0, int(2 * a)) + GUARD)):
        x = mpmath.mpf(a._mpf_)
        total, term, k = (mpmath.log(4 * x) + mpmath.euler) / 2 if large else mpmath.mpf(0), mpmath.mpf(1), 0
        while k < 4 or abs(term) > mpmath.mpf(2) ** -(prec + GUARD) * abs(total):
            k += 1
            if large:
                term *= (2 * k - 1) / (2 * x)
                total -= term / (2 * k)
            else:  # term is x^k/(3/2)_(k-1) with its sign
                term *= x if k == 1 else -2 * x / (2 * k - 1)
                total += term / k
        return total
