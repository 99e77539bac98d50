"""When all roots of a polynomial lie inside the unit circle, as conditions on its coefficients."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from sympy.polys.matrices import DomainMatrix

from sgdtheory.algebra.expressions import checked_expression, listed


def inside_unit_circle(coefficients: Sequence[sp.Expr]) -> list[sp.Expr]:
    """Return expressions that are all positive if and only if every root lies inside the unit circle.

    Parameters
    ----------
    coefficients
        Those of a real polynomial whose leading coefficient is positive, the leading one first.

    Notes
    -----
    z = (1 + s)/(1 - s) maps the unit disc to the left half-plane; there the criterion of Lienard and Chipart asks
    for positive coefficients and every second of Hurwitz' determinants. For degrees one and two these are Jury's
    conditions.

    Examples
    --------
    >>> p, q = sp.symbols("p q")
    >>> inside_unit_circle([1, p, q])
    [-p + q + 1, 2 - 2*q, p + q + 1]
    >>> inside_unit_circle([1, -2, sp.Rational(15, 16)])  # roots 3/4 and 5/4
    [63/16, 1/8, -1/16]
    """
    given = _checked(coefficients)
    degree = len(given) - 1
    s = sp.Dummy("s")
    turned = sum(c * (1 + s) ** (degree - place) * (1 - s) ** place for place, c in enumerate(given))
    polynomial = sp.Poly(turned, s)
    a = [polynomial.coeff_monomial(s**power) for power in range(degree, -1, -1)]
    conditions = [sp.factor_terms(sp.expand(c)) if c.is_number else sp.expand(c) for c in a]
    for order in range(degree - 1, 1, -2):
        hurwitz = sp.Matrix(
            order, order, lambda i, j: a[2 * j - i + 1] if 0 <= 2 * j - i + 1 <= degree else sp.Integer(0)
        )
        determinant = DomainMatrix.from_Matrix(hurwitz)
        conditions.append(determinant.domain.to_sympy(determinant.det()))
    return conditions


def no_real_root_from_one(coefficients: Sequence[sp.Expr]) -> list[sp.Expr]:
    """Return expressions that are all positive if every root lies inside the unit circle.

    Conversely, if they are positive, no real root is one or more. The expressions are the polynomial's Taylor
    coefficients at one, the leading coefficient (first in ``coefficients``) taken to be positive.

    Examples
    --------
    >>> p, q = sp.symbols("p q")
    >>> no_real_root_from_one([1, p, q])
    [p + q + 1, p + 2]
    """
    y = sp.Dummy("y")
    shifted = sp.Poly(sp.Poly(_checked(coefficients), y).as_expr().subs(y, 1 + y), y)
    return [shifted.coeff_monomial(y**power) for power in range(shifted.degree())]


def positivity(expressions: Sequence[sp.Expr]) -> tuple[sp.Basic, ...]:
    """Return inequalities that say that all expressions are positive, each as short as it gets.

    Factors that are positive by the assumptions on their symbols, or by an earlier inequality, are left out, and so
    are inequalities that nothing is left of. ``(false,)`` if one cannot hold.

    Examples
    --------
    >>> a, b = sp.Symbol("a", positive=True), sp.Symbol("b", real=True)
    >>> positivity([a**2 * (1 - b**2), 1 - b, a + 1])
    (1 - b > 0, b + 1 > 0)
    """
    given = [checked_expression("an expression", expression) for expression in listed(expressions)]
    products = sorted(map(_factors, given), key=lambda product: len(product[1]))
    known: list[sp.Expr] = []
    for sign, factors in products:
        left: list[sp.Expr] = []
        for factor in factors:
            if -factor in known:
                sign = -sign
            elif factor not in known:
                left.append(factor)
        whole = sign * sp.prod(left)
        if whole.is_positive:
            continue
        if whole.is_nonpositive:
            return (sp.false,)
        known.append(whole)
    return tuple(sp.StrictGreaterThan(expression, 0) for expression in known)


def _checked(coefficients: Sequence[sp.Expr]) -> list[sp.Expr]:
    return [checked_expression("a coefficient", coefficient) for coefficient in listed(coefficients)]


def _factors(expression: sp.Expr) -> tuple[sp.Integer, list[sp.Expr]]:
    """Return the sign of the number in front, and the factors, of numerator and denominator, that may be negative."""
    numerator, denominator = sp.together(expression).as_numer_denom()
    number, factors = sp.factor_list(numerator * denominator)  # a quotient is positive if the product is
    sign = sp.sign(number)
    kept = []
    for factor, power in factors:
        if factor.is_positive:
            continue
        if factor.is_negative:
            sign *= (-1) ** power
        elif power % 2:
            kept.append(factor)
        else:
            kept.append(factor**2)
    return sign, kept
