"""Compare two expressions at random rational points, to 50 digits: what is done where no proof is known."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator, Mapping

import sympy as sp

DIGITS = 50
AGREEMENT = sp.Float("1e-45", 15)  # largest difference between the sides, against the size of their terms
POINTS = 8
TRIES = 25  # draws for each point, and for each symbol of it

Place = Mapping[sp.Symbol, sp.Expr]


class NoPointError(ValueError):
    """No point was found at which an expression has a finite value."""


def difference(left: sp.Expr, right: sp.Expr) -> tuple[Place, sp.Expr] | None:
    """Return a point where two expressions differ, and by how much; None where they agree at every point.

    The points are random rational numbers that obey the symbols' assumptions, drawn with a seed that is made of the
    expressions themselves, so that the same step is always checked at the same points. Two expressions that agree on
    a region only are told apart if one of the 8 points lies outside it.

    Raises
    ------
    NoPointError
        If no point gives both sides a finite value, for example because a function in them has no numbers.

    Examples
    --------
    >>> x, y = sp.symbols("x y", positive=True)
    >>> difference(sp.log(x * y**2), sp.log(x) + 2 * sp.log(y)) is None
    True
    >>> place, gap = difference(sp.log(x + y), sp.log(x) + sp.log(y))
    >>> abs(gap) > 0.001
    True
    """
    for place, found, wanted in _values(left, right):
        scale = sum(_size(side, place) for side in (left, right))
        gap = found - wanted
        if gap and abs(gap) > AGREEMENT * scale:
            return place, gap.n(6)
    return None


def _values(left: sp.Expr, right: sp.Expr) -> Iterator[tuple[Place, sp.Expr, sp.Expr]]:
    """Yield points and the two sides' values there, 50 digits each."""
    symbols = sorted(left.free_symbols | right.free_symbols, key=lambda symbol: (symbol.name, symbol.sort_key()))
    rng = random.Random(hashlib.sha256(f"{left} = {right}".encode()).digest())
    for _ in range(POINTS if symbols else 1):
        for _ in range(TRIES if symbols else 1):
            place = {symbol: _draw(symbol, rng) for symbol in symbols}
            found, wanted = (_value(side, place) for side in (left, right))
            if found is not None and wanted is not None:
                yield place, found, wanted
                break
        else:
            raise NoPointError(f"no finite values of both sides at {TRIES} points")


def _draw(symbol: sp.Symbol, rng: random.Random) -> sp.Expr:
    """Return a random rational that contradicts no assumption of a symbol."""
    for _ in range(TRIES):
        whole = rng.randint(0, 9) * rng.choice((1, -1))
        value = sp.Integer(whole) if symbol.is_integer else whole + sp.Rational(rng.randint(1, 40), 41)
        if _may_be(symbol.assumptions0, value) or _may_be(symbol.assumptions0, value := -value):
            return value
    raise NoPointError(f"no rational number obeys the assumptions about {symbol}")


def _may_be(assumptions: Mapping[str, bool], value: sp.Expr) -> bool:
    return all(getattr(value, f"is_{name}", None) in (None, said) for name, said in assumptions.items())


def _value(expression: sp.Expr, place: Place) -> sp.Expr | None:
    """Return the value at a point to 50 digits and some, None if it is not a finite number."""
    try:
        value = expression.xreplace(place).doit().n(DIGITS + 10)
    except (TypeError, ValueError, ZeroDivisionError, ArithmeticError, AttributeError):
        return None
    return value if value.is_number and value.is_finite and not value.atoms(sp.Function) else None


def _size(expression: sp.Expr, place: Place) -> sp.Expr:
    """Return how large the terms are that add up to an expression: what its rounding errors are relative to."""
    if expression.is_Add:
        return sum(_size(term, place) for term in expression.args)
    if expression.is_Mul:
        return sp.prod(_sizes(expression.args, place))
    value = _value(expression, place)
    return abs(value) if value is not None else sp.Integer(0)


def _sizes(expressions: Iterable[sp.Expr], place: Place) -> list[sp.Expr]:
    return [_size(expression, place) for expression in expressions]
