"""Expectations of polynomials of degree two in random symbols."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

Means = Mapping[sp.Symbol, sp.Expr]
Covariances = Mapping[tuple[sp.Symbol, sp.Symbol], sp.Expr]


def expectation(expression: sp.Expr, means: Means, covariances: Covariances) -> sp.Expr:
    """Return the exact expectation of a polynomial of degree at most two.

    Parameters
    ----------
    expression
        Polynomial in the random symbols.
    means
        The mean of each random symbol.
    covariances
        The covariance of each pair, in either order; pairs left out are uncorrelated.

    Raises
    ------
    ValueError
        If the degree exceeds two.

    Examples
    --------
    >>> x, y, c = sp.symbols("x y c")
    >>> expectation((x + 2 * y) ** 2, {x: 0, y: 0}, {(x, x): 1, (y, y): 1, (x, y): c})
    4*c + 5
    """
    random = list(means)
    polynomial = sp.Poly(expression, *random)
    total = sp.Integer(0)
    for powers, coefficient in polynomial.terms():
        factors = [symbol for symbol, power in zip(random, powers, strict=True) for _ in range(power)]
        if len(factors) > 2:
            raise ValueError(f"expectation of degree {len(factors)} needs moments beyond the covariance")
        value = sp.prod([means[symbol] for symbol in factors])
        if len(factors) == 2:
            first, second = factors
            value += covariances.get((first, second), covariances.get((second, first), 0))
        total += coefficient * value
    return sp.expand(total)


def covariance(first: sp.Expr, second: sp.Expr, means: Means, covariances: Covariances) -> sp.Expr:
    """Return the covariance of two expressions that are linear in the random symbols."""
    return sp.expand(
        expectation(first * second, means, covariances)
        - expectation(first, means, covariances) * expectation(second, means, covariances)
    )
