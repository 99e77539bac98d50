"""Polynomials written by their degree in some symbols, so that a long one can be read."""

from __future__ import annotations

import sympy as sp

from sgdtheory.algebra.derivation import tidy
from sgdtheory.symbols import lambda_i, lambda_j, mu


def positive(total: sp.Expr, graded: tuple[sp.Symbol, ...]) -> sp.Expr:
    """Return a polynomial with the sign that makes it positive where the graded symbols are small."""
    lowest = _parts(total, graded)[0]
    return total if lowest.subs(mu, 0).subs({lambda_i: 1, lambda_j: 1}).is_positive else -total


def in_degrees(product: sp.Expr, graded: tuple[sp.Symbol, ...]) -> sp.Expr:
    """Return a product with its sums collected by their degree in the graded symbols."""
    return sp.Mul(*(sum(_parts(f, graded)) if f.is_Add else f for f in sp.Mul.make_args(product)))


def _parts(total: sp.Expr, graded: tuple[sp.Symbol, ...]) -> list[sp.Expr]:
    """Return the parts of each degree that a polynomial has, the lowest first, in factors."""
    size = sp.Dummy("size")
    scaled = sp.Poly(total.subs({symbol: size * symbol for symbol in graded}, simultaneous=True), size)
    return [tidy(part) for part in reversed(scaled.all_coeffs()) if part != 0]
