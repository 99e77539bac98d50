"""Rational functions of symbols and of square roots, as field elements: fast, and what is equal looks equal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.polys.fields import FracElement, FracField, sfield
from sympy.polys.rings import PolyElement

from sgdtheory.algebra.expressions import checked_expression


class SquareRoots:
    """The square roots that a calculation needs, each a symbol; roots with a rational quotient share one.

    Examples
    --------
    >>> roots, x = SquareRoots(), sp.Symbol("x")
    >>> roots.of(x + 1) == roots.of(4 * x**2 * (x + 1)) / (2 * x)
    True
    >>> roots.of(sp.Rational(4, 9))
    2/3
    """

    def __init__(self) -> None:
        self.symbols: dict[sp.Symbol, sp.Expr] = {}  # symbol -> what is under the root, free of squares

    def of(self, square: sp.Expr) -> sp.Expr:
        """Return a square root, up to its sign, of a rational function."""
        numerator, denominator = sp.together(checked_expression("the square", square)).as_numer_denom()
        number, factors = sp.factor_list(numerator * denominator)
        outside, inside = sp.sqrt(number).as_coeff_Mul()
        inside = inside**2
        for factor, power in factors:
            outside *= factor ** (power // 2)
            inside *= factor ** (power % 2)
        if inside == 1:
            return outside / denominator
        inside = sp.expand(inside)  # products with a number come in several forms
        known = {under: symbol for symbol, under in self.symbols.items()}
        symbol = known.get(inside) or sp.Dummy("root")
        self.symbols[symbol] = inside
        return outside / denominator * symbol


class RootField:
    """The field of rational functions of all symbols of some expressions, among them the symbols of square roots.

    Examples
    --------
    >>> roots, x = SquareRoots(), sp.Symbol("x")
    >>> root = roots.of(x + 1)
    >>> field, (r,) = RootField.of([root], roots)
    >>> field.written(field.lowest(1 / (1 + r)))
    (sqrt(x + 1) - 1)/x
    """

    def __init__(self, field: FracField, roots: SquareRoots) -> None:
        self.field = field
        places = {symbol: place for place, symbol in enumerate(field.symbols)}
        self._roots = [(places[symbol], field.from_expr(square)) for symbol, square in roots.symbols.items()]
        self._back = {symbol: sp.sqrt(square) for symbol, square in roots.symbols.items()}

    @classmethod
    def of(cls, expressions: Iterable[sp.Expr], roots: SquareRoots) -> tuple[RootField, list[Any]]:
        """Return the field and the expressions as its elements."""
        expressions = list(expressions)
        field, elements = sfield([*expressions, *roots.symbols, *roots.symbols.values(), sp.Dummy("one")])
        whole = cls(field, roots)
        return whole, elements[: len(expressions)]

    def lowest(self, value: Any) -> FracElement:
        """Return an element in lowest terms: powers of roots worked out, none of them in the denominator."""
        value = self.field(value)
        for place, square in self._roots:
            (a, b), (c, d) = self._split(value.numer, place, square), self._split(value.denom, place, square)
            root = self.field.gens[place]
            norm = c * c - d * d * square  # (a + b r)/(c + d r), times (c - d r)/(c - d r)
            value = (a * c - b * d * square) / norm + (b * c - a * d) / norm * root
        return value

    def written(self, value: Any) -> sp.Expr:
        """Return an element as an expression, factored, with the roots themselves."""
        return sp.factor(self.field(value).as_expr()).xreplace(self._back)

    def _split(self, polynomial: PolyElement, place: int, square: FracElement) -> tuple[FracElement, FracElement]:
        """Return a, b free of a root r with a + b r the polynomial in it."""
        parts = [self.field.zero, self.field.zero]
        by_power: dict[int, PolyElement] = {}
        for powers, coefficient in polynomial.terms():
            rest = tuple(0 if k == place else power for k, power in enumerate(powers))
            by_power.setdefault(powers[place], polynomial.ring.zero)[rest] = coefficient
        for power, rest in by_power.items():
            parts[power % 2] += self.field(rest) * square ** (power // 2)
        return parts[0], parts[1]
