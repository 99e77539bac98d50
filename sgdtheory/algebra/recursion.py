"""Scalar linear recursions x' = a x + b: their fixed point and their course."""

from __future__ import annotations

import sympy as sp


def fixed_point(factor: sp.Expr, added: sp.Expr) -> sp.Expr:
    """Return the x with x = factor * x + added; it is the limit whenever \\|factor\\| < 1."""
    return added / (1 - factor)


def course(factor: sp.Expr, added: sp.Expr, start: sp.Expr, steps: sp.Expr) -> sp.Expr:
    """Return x after ``steps`` steps of x' = factor * x + added.

    Examples
    --------
    >>> a, b, n = sp.Symbol("a"), sp.Symbol("b"), sp.Symbol("n", integer=True)
    >>> course(a, b, 0, n).subs(n, 2).cancel()
    a*b + b
    """
    limit = fixed_point(factor, added)
    return limit + factor**steps * (start - limit)


def coefficients(expression: sp.Expr, unknown: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """Return a, b of an expression a * unknown + b; refuse anything that is not affine."""
    polynomial = sp.Poly(expression, unknown)
    if polynomial.degree() > 1:
        raise ValueError(f"not affine in {unknown}")
    return polynomial.coeff_monomial(unknown), polynomial.coeff_monomial(1)
