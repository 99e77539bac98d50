"""What the noise of steps whose learning rates fall as 1/k leaves in a pair of modes."""

from __future__ import annotations

from functools import lru_cache
from math import comb
from typing import Any

import mpmath
import sympy as sp

GUARD = 30  # bits worked out beyond those that are asked for
AT_ONCE = 64  # steps up to which rational numbers give a rational number


class FallingRatesSum(sp.Function):
    """The sum over k = 1 ... t of 1/k^2 times the product over s = k + 1 ... t of (1 - a/s)(1 - c/s).

    It is zero for t = 0 and obeys F(t) = (1 - a/t)(1 - c/t) F(t - 1) + 1/t^2, which ``expand_func`` writes out. A pair
    of modes with the curvatures a and c has this covariance after t steps of the rates 1, 1/2, ..., 1/t if the noise
    has the covariance one.

    Examples
    --------
    >>> FallingRatesSum(1, 3, 4)
    1/12
    >>> FallingRatesSum(sp.Rational(5, 4), sp.Rational(3, 2), 10**6).evalf(20)
    5.7142866667332644691e-7
    >>> a, c, t = sp.symbols("a c t", positive=True)
    >>> FallingRatesSum.for_large(a, c, t, 1)
    1/(t*(a + c - 1))
    """

    nargs = 3

    @classmethod
    def eval(cls, a: sp.Expr, c: sp.Expr, t: sp.Expr) -> sp.Expr | None:
        """Put the pair in order; return the number of rational ones after few steps."""
        if t.is_zero:
            return sp.S.Zero
        if sp.default_sort_key(c) < sp.default_sort_key(a):
            return cls(c, a, t)
        if a.is_Rational and c.is_Rational and t.is_Integer and 0 < t <= AT_ONCE:
            return _walked(a, c, int(t), sp.S.One)
        return None

    def _eval_is_real(self) -> bool | None:
        return all(argument.is_real for argument in self.args) or None

    def _eval_expand_func(self, **hints: Any) -> sp.Expr:
        a, c, t = self.args
        return (1 - a / t) * (1 - c / t) * FallingRatesSum(a, c, t - 1) + 1 / t**2

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        a, c, t = self.args
        a, c = (number._eval_evalf(prec + GUARD) for number in (a, c))
        if a is None or c is None or not (a.is_Float and c.is_Float and t.is_Integer and t > 0):
            return None
        return sp.Float(_value(a, c, int(t), int(prec)), precision=prec)

    @staticmethod
    def for_large(a: sp.Expr, c: sp.Expr, t: sp.Expr, terms: int) -> sp.Expr:
        """Return its first terms for large t, where a + c exceeds their number: the rest falls as t^-(a + c)."""
        return sp.Add(*(term / t**power for power, term in enumerate(_tail(a, c, terms), 1)))


def _tail(a: sp.Expr, c: sp.Expr, terms: int) -> list[sp.Expr]:
    """Return s_1, s_2, ... of the formal solution s_1/t + s_2/t^2 + ... of the recursion."""
    found: list[sp.Expr] = []

    def before(power: int) -> sp.Expr:
        """Return the coefficient of t^-power one step earlier, as far as it is known."""
        pairs = enumerate(found[: max(power, 0)], 1)
        return sp.Add(*(comb(power - 1, power - place) * term for place, term in pairs))

    for place in range(1, terms + 1):  # the power place + 1 of the recursion gives s_place
        rest = before(place + 1) - (a + c) * before(place) + a * c * before(place - 1) + int(place == 1)
        found.append(sp.factor(rest / (a + c - place)))
    return found


def _walked(a: Any, c: Any, steps: int, one: Any) -> Any:
    total = 0 * one
    for k in range(1, steps + 1):
        total = (1 - a / k) * (1 - c / k) * total + one / k**2
    return total


@lru_cache(maxsize=1024)
def _value(a: sp.Float, c: sp.Float, steps: int, prec: int) -> mpmath.mpf:
    """Return the value to so many bits: step by step to about as many steps as bits, and from there at once.

    The recursion has a solution that is a convergent series in each t, G(t); the difference from it is multiplied by
    the product of the steps. Where a + c is a whole number G is infinite, and so is what it is taken from; a is moved.
    """
    needed = prec + GUARD
    with mpmath.workprec(4 * needed):
        a, c = mpmath.mpf(a._mpf_), mpmath.mpf(c._mpf_)
        first = needed + int(2 * max(abs(a), abs(c), 1))
        if steps <= first:
            return +_walked(a, c, steps, mpmath.mpf(1))
        tiny = mpmath.mpf(2) ** -needed
        if abs(a + c - mpmath.nint(a + c)) < tiny:
            a += tiny
        left = _walked(a, c, first, mpmath.mpf(1)) - _solution(a, c, first, 2 * needed)
        for start, sign in ((first, -1), (steps, 1)):
            for number in (a, c):
                left *= mpmath.gamma(start + 1 - number) ** sign
            left /= mpmath.gamma(start + 1) ** (2 * sign)
        return left + _solution(a, c, steps, 2 * needed)


def _solution(a: Any, c: Any, steps: int, bits: int) -> Any:
    """Return a solution of the recursion that is a series in inverse factorials of t."""
    total, term, n, both = mpmath.mpf(0), mpmath.mpf(1), 0, a + c
    while abs(term) > mpmath.mpf(2) ** -bits:
        total += term / (both - 1 - n)
        term *= (1 - a + n) * (1 - c + n) / ((n + 1) * (steps + 2 - both + n))
        n += 1
    scale = mpmath.gamma(steps + 1 - a) * mpmath.gamma(steps + 1 - c)
    return total * scale / (mpmath.gamma(steps + 1) * mpmath.gamma(steps + 2 - both))
