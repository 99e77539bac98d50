"""Hypergeometric functions of arrays, by mpmath number by number: right wherever a power series loses its digits."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import sympy as sp

_CONTEXT = mpmath.MPContext()  # of our own: its precision is no one else's
_CONTEXT.prec = 80


class Hypergeometric(sp.Function):
    """The function pFq(a; b; z), written with p, a, b and z one after the other: generated code takes no lists."""


def named(value: sp.Expr) -> sp.Expr:
    """Return a value with its hypergeometric and Bessel functions written as ``Hypergeometric``.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> named(sp.besselj(1, x))
    x*Hypergeometric(0, 2, -x**2/4)/2
    """
    return value.replace(sp.besselj, _bessel).replace(
        sp.hyper, lambda upper, lower, z: Hypergeometric(len(upper), *upper, *lower, z)
    )


def _bessel(order: sp.Expr, argument: sp.Expr) -> sp.Expr:
    series = Hypergeometric(0, order + 1, -(argument**2) / 4)
    return (argument / 2) ** order / sp.gamma(order + 1) * series


def hypergeometric(numerators: int, *arguments: Any) -> Any:
    """Return pFq at numbers or arrays that broadcast: p, the p upper parameters, the lower ones, the argument.

    Examples
    --------
    >>> round(float(hypergeometric(0, 2, -0.25)), 12)  # 2 J_1(1)
    0.88010117149
    """

    def at(*numbers: Any) -> float:
        *parameters, z = map(float, numbers)
        return float(_CONTEXT.hyper(parameters[:numerators], parameters[numerators:], z))

    found = np.frompyfunc(at, len(arguments), 1)(*arguments)
    return np.asarray(found, dtype=float)[()]
