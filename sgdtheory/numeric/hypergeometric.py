"""Hypergeometric functions of arrays, by mpmath number by number: right wherever a power series loses its digits."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from sgdtheory.errors import DomainError
from sgdtheory.numeric.gegenbauer import Gegenbauer, as_gegenbauer

_CONTEXT = mpmath.MPContext()  # of our own: its precision is no one else's
_CONTEXT.prec = 80


class Hypergeometric(sp.Function):
    """The function pFq(a; b; z), written with p, a, b and z one after the other: generated code takes no lists."""


class LogHypergeometric(sp.Function):
    """The logarithm of ``Hypergeometric``, which is in range where that is not."""


def named(value: sp.Expr) -> sp.Expr:
    """Return a value with its hypergeometric and Bessel functions written as ``Hypergeometric``.

    Logarithms of it, and polynomials of high degree, become functions of their own: their parts leave floating point.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> named(sp.besselj(1, x))
    x*Hypergeometric(0, 2, -x**2/4)/2
    """
    for function, sign in ((sp.besselj, -1), (sp.besseli, 1)):
        value = value.replace(function, lambda order, argument, sign=sign: _bessel(order, argument, sign))
    value = value.replace(sp.log, _logarithm)
    value = value.replace(lambda part: isinstance(part, sp.hyper), as_gegenbauer)
    if value.has(Gegenbauer):
        value = sp.powsimp(value, deep=True, combine="exp")  # apart, its powers leave floating point
    return value.replace(sp.hyper, lambda upper, lower, z: Hypergeometric(len(upper), *upper, *lower, z))


def _logarithm(inner: sp.Expr) -> sp.Expr:
    functions = [factor for factor in sp.Mul.make_args(inner) if isinstance(factor, sp.hyper)]
    parts = [LogHypergeometric(len(each.ap), *each.ap, *each.bq, each.argument) for each in functions]
    return sp.log(inner / sp.Mul(*functions)) + sp.Add(*parts)


def _bessel(order: sp.Expr, argument: sp.Expr, sign: int) -> sp.Expr:
    series = Hypergeometric(0, order + 1, sign * argument**2 / 4)
    return (argument / 2) ** order / sp.gamma(order + 1) * series


def hypergeometric(numerators: int, *arguments: Any) -> Any:
    """Return pFq at numbers or arrays that broadcast: p, the p upper parameters, the lower ones, the argument.

    Examples
    --------
    >>> round(float(hypergeometric(0, 2, -0.25)), 12)  # 2 J_1(1)
    0.88010117149
    """

    return _each(lambda *found: float(_function(numerators, *found)), *arguments)


def log_hypergeometric(numerators: int, *arguments: Any) -> Any:
    """Return log pFq likewise, NaN where pFq is negative.

    Examples
    --------
    >>> round(float(log_hypergeometric(1, 2, 2, 1000.0)), 12)  # 1F1(2; 2; z) = exp(z)
    1000.0
    """

    def at(*numbers: Any) -> float:
        value = _function(numerators, *numbers)
        return float(_CONTEXT.log(value)) if value >= 0 else math.nan

    return _each(at, *arguments)


def _function(numerators: int, *numbers: Any) -> Any:
    *parameters, z = map(float, numbers)
    try:
        return _CONTEXT.hyper(parameters[:numerators], parameters[numerators:], z)
    except mpmath.libmp.NoConvergence:
        raise DomainError(
            "a hypergeometric series converges too slowly to be summed",
            got=f"parameters {', '.join(f'{number:.6g}' for number in parameters)} at {z:.6g}",
            allowed="series of fewer terms, as for fewer steps",
            mend="take fewer steps, or the limit of a small learning rate",
        ) from None


def _each(at: Callable[..., float], *arguments: Any) -> Any:
    found = np.frompyfunc(at, len(arguments), 1)(*arguments)
    return np.asarray(found, dtype=float)[()]
