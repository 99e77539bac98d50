"""Gegenbauer polynomials of high degree, bounded by one: what sums of so many terms are that no term is in range."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from scipy import special

from sgdtheory.errors import DomainError

HIGHEST = 10**6  # degree; beyond it what rounding leaves of an argument near one is not enough


class Gegenbauer(sp.Function):
    """The polynomial C_n^(order) at sqrt(1 - x) over its value at one: of n, the order and x."""


def as_gegenbauer(function: sp.hyper) -> sp.Expr:
    """Return 2F1(-n/2, (1 - n)/2; c; z) for whole n as a power of 1 - z and a polynomial; all else as it is.

    Examples
    --------
    >>> n, x = sp.Symbol("n", integer=True), sp.Symbol("x")
    >>> as_gegenbauer(sp.hyper([-n / 2, (1 - n) / 2], [2], x / (x - 1)))
    Gegenbauer(n, 3/2, x)/(1 - x)**(n/2)
    """
    if len(function.ap) != 2 or len(function.bq) != 1:
        return function
    (first, second), (lower,) = function.ap, function.bq
    for half, other in ((first, second), (second, first)):
        degree = sp.expand(-2 * half)
        if sp.expand(other - half) == sp.S.Half and degree.is_integer and not degree.is_negative:
            x = sp.cancel(function.argument / (function.argument - 1))
            return sp.expand(1 - x) ** (-degree / 2) * Gegenbauer(degree, lower - sp.S.Half, x)
    return function


def gegenbauer(degree: Any, order: Any, x: Any) -> Any:
    """Return ``Gegenbauer`` at numbers or arrays that broadcast, NaN beyond x = 1; for x near zero, with its digits.

    Raises
    ------
    DomainError
        If a degree is too high.

    Examples
    --------
    >>> round(float(gegenbauer(10**6, 1.5, 1e-10)), 12)  # near 2 J_1(10)/10 = 0.0086945
    0.008693785335
    """
    degree, order, x = np.broadcast_arrays(np.asarray(degree, float), np.asarray(order, float), np.asarray(x, float))
    if degree.size and degree.max() > HIGHEST:
        raise DomainError(
            "the sum for so many steps is a polynomial of too high a degree",
            got=f"degree {degree.max():.0f}",
            allowed=f"at most {HIGHEST} steps",
            mend="take fewer steps, or the limit of a small learning rate",
        )
    inside = (x <= 1) & (degree >= 0)
    root = np.sqrt(np.where(inside, 1 - x, 1.0))
    missed = (1 - root) - np.where(inside, x, 0.0) / (1 + root)  # the digits of x that the root has lost
    found, factor, n, k = np.zeros(np.shape(x)), np.ones(np.shape(x)), degree, order
    for place in range(3):  # the first terms of Taylor's series: the derivative is a polynomial of the next order
        found = found + factor * _at(np.maximum(n, 0), k, root)
        factor = factor * missed / (place + 1) * n * (n + 2 * k) / (2 * k + 1)
        n, k = n - 1, k + 1
    return np.where(inside, found, np.nan)[()]


def _at(degree: np.ndarray, order: np.ndarray, argument: np.ndarray) -> np.ndarray:
    whole = degree.astype(np.int64)  # for which SciPy takes the recurrence
    return special.eval_gegenbauer(whole, order, argument) / special.binom(whole + 2 * order - 1, whole)
