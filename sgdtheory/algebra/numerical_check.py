"""Compare two expressions at random rational points, to 50 digits: what is done where no proof is known."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Mapping

import sympy as sp

DIGITS = 50
AGREEMENT = sp.Float(f"1e-{DIGITS}", 15)  # largest difference of the sides, relative to the larger one
PRECISIONS = (60, 120, 240, 480)  # digits worked with, until the first DIGITS of them are the same twice
POINTS = 8
TRIES = 25  # draws for each point, and for each symbol of it
SEARCH = 300  # draws for a point where a factor has a sign that it had at none of the others

# Functions that are constant, or follow one rule, over a whole range of their arguments and another one beyond it.
JUMPS = (
    *(sp.sign, sp.floor, sp.ceiling, sp.frac, sp.Mod, sp.Heaviside, sp.DiracDelta, sp.SingularityFunction),
    *(sp.Piecewise, sp.Max, sp.Min, sp.KroneckerDelta, sp.LeviCivita, sp.arg, sp.primepi, sp.totient),
)

Place = Mapping[sp.Symbol, sp.Expr]


class UndecidedError(ValueError):
    """Values at points cannot tell whether two expressions are equal."""


def difference(left: sp.Expr, right: sp.Expr) -> tuple[Place, sp.Expr] | None:
    """Return a point where two expressions differ, and by how much; None where they agree at every point.

    The points are random rational numbers of sizes from 1/1000 to 1000 that obey the symbols' assumptions, complex
    ones for a symbol that need not be real. They are drawn with a seed that is made of the expressions themselves, so
    that the same step is always checked at the same points. There are 8 of them, and more until every ``Abs``, and
    every factor under a root or a logarithm, has had both signs.

    Raises
    ------
    UndecidedError
        If the two do not differ at the points and that says little: a side has a function that jumps, such as
        ``floor``, or a sign was not met; or if no point gives both sides a finite value.

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
        gap = found - wanted
        if _size(gap) > AGREEMENT * max(_size(found), _size(wanted)):
            return place, gap.n(6)
    jumps = sorted({jump.func.__name__ for side in (left, right) for jump in side.atoms(*JUMPS)})
    if jumps:
        raise UndecidedError(f"they agree at the points, but {', '.join(jumps)} may change between them")
    return None


def looks_zero(expression: sp.Expr) -> bool:
    """Return whether an expression is zero at all points; one that is not, at one of them, is certainly not zero.

    Raises
    ------
    UndecidedError
        If no point gives it a finite value, or a sign was not met.
    """
    return all(value == 0 for _, value, _ in _values(expression, sp.S.Zero))


def _values(left: sp.Expr, right: sp.Expr) -> Iterator[tuple[Place, sp.Expr, sp.Expr]]:
    """Yield points and the two sides' values there, 50 digits each."""
    symbols = sorted(left.free_symbols | right.free_symbols, key=lambda symbol: (symbol.name, symbol.sort_key()))
    rng = random.Random(hashlib.sha256(f"{left} = {right}".encode()).digest())
    met = {factor: set() for side in (left, right) for factor in _switches(side)}
    for _ in range(POINTS if symbols else 1):
        for _ in range(TRIES if symbols else 1):
            place = {symbol: _draw(symbol, rng) for symbol in symbols}
            found, wanted = (_value(side, place) for side in (left, right))
            if found is not None and wanted is not None:
                yield place, found, wanted
                for factor, signs in met.items():
                    signs.add(_sign(factor, place))
                break
        else:
            raise UndecidedError(f"no finite values of both sides at {TRIES} points")
    for _ in range(SEARCH):
        open_ones = {factor: signs for factor, signs in met.items() if not _is_complete(signs)}
        if not open_ones:
            return
        place = {symbol: _draw(symbol, rng) for symbol in symbols}
        if any(_sign(factor, place) not in signs for factor, signs in open_ones.items()):
            found, wanted = (_value(side, place) for side in (left, right))
            if found is not None and wanted is not None:
                yield place, found, wanted
                for factor, signs in met.items():
                    signs.add(_sign(factor, place))
    for factor, signs in met.items():
        if not _is_complete(signs):
            raise UndecidedError(f"they agree at the points, but {factor} had the same sign at all of them")


def _switches(expression: sp.Expr) -> set[sp.Expr]:
    """Return the factors whose sign, which nothing decides, may choose the branch of an ``Abs``, root or logarithm."""
    found = {size.args[0] for size in expression.atoms(sp.Abs) if not _has_known_sign(size.args[0])}
    bases = {power.base for power in expression.atoms(sp.Pow) if not power.exp.is_integer}
    for base in bases | {logarithm.args[0] for logarithm in expression.atoms(sp.log)}:
        try:
            factors = sp.factor_list(sp.together(base).as_numer_denom()[0])[1]
        except sp.PolynomialError:
            factors = [(base, 1)]
        decided = _has_known_sign(base)  # then only sqrt(f**2), which is Abs(f), has branches
        found |= {f for f, times in factors if not _has_known_sign(f) and (times % 2 == 0 or not decided)}
    return {factor for factor in found if factor.free_symbols and not _has_no_root(factor)}


def _has_known_sign(expression: sp.Expr) -> bool:
    return bool(expression.is_nonnegative or expression.is_nonpositive)


def _has_no_root(factor: sp.Expr) -> bool:
    """Return whether a polynomial of one variable keeps its sign on the whole real line."""
    if len(factor.free_symbols) != 1 or not factor.is_polynomial():
        return False
    try:
        return sp.Poly(factor).count_roots() == 0
    except (NotImplementedError, sp.PolynomialError, sp.DomainError):
        return False


def _sign(factor: sp.Expr, place: Place) -> sp.Expr:
    exact, rest = _put_in(factor, place)
    value = exact.evalf(15, subs=rest)
    return sp.sign(value) if value.is_extended_real else sp.I


def _is_complete(signs: set[sp.Expr]) -> bool:
    """Return whether both signs were met, or values off the real line, where there is one way round."""
    return sp.I in signs or {sp.S.One, sp.S.NegativeOne} <= signs


def _draw(symbol: sp.Symbol, rng: random.Random) -> sp.Expr:
    """Return a random rational that contradicts no assumption of a symbol, a complex one if it need not be real."""
    for _ in range(TRIES):
        value = _draw_integer(rng) if symbol.is_integer else _draw_rational(rng)
        if symbol.is_extended_real is None and rng.random() < 2 / 3:  # the rest on the real line, where cuts are
            value += sp.I * _draw_rational(rng)
        elif symbol.is_imaginary:
            value *= sp.I
        if _may_be(symbol.assumptions0, value) or _may_be(symbol.assumptions0, value := -value):
            return value
    raise UndecidedError(f"no rational number obeys the assumptions about {symbol}")


def _draw_integer(rng: random.Random) -> sp.Integer:
    """Return a random integer from -100 to 100, as often below 10 as above."""
    return sp.Integer(round(10 ** rng.uniform(0, 2)) - 1 + rng.randint(0, 1)) * rng.choice((1, -1))


def _draw_rational(rng: random.Random) -> sp.Rational:
    """Return a random number of a size from 1/1000 to 1000, with a prime as its denominator."""
    denominator = sp.nextprime(rng.randint(1000, 30000))
    return sp.Rational(round(10 ** rng.uniform(-3, 3) * denominator), denominator) * rng.choice((1, -1))


def _may_be(assumptions: Mapping[str, bool], value: sp.Expr) -> bool:
    return all(getattr(value, f"is_{name}", None) in (None, said) for name, said in assumptions.items())


def _value(expression: sp.Expr, place: Place) -> sp.Expr | None:
    """Return the value at a point to 50 digits and some, None if it is not a finite number.

    It is worked out with more and more digits until two results agree. What shrinks each time by as many digits as
    were added is rounding, of zero.
    """
    try:
        exact, rest = _put_in(expression, place)
        last = exact.evalf(PRECISIONS[0], subs=rest)
        if not _is_number(last):
            return None
        for digits in PRECISIONS[1:]:
            value = exact.evalf(digits, subs=rest, maxn=2 * digits)
            if _size(value - last) <= AGREEMENT * _size(value) / 1000:
                return value
            last, before = value, last
        return sp.S.Zero if _size(last) < AGREEMENT * _size(before) else None
    except (TypeError, ValueError, ZeroDivisionError, ArithmeticError, AttributeError):
        return None


def _put_in(expression: sp.Expr, place: Place) -> tuple[sp.Expr, Place]:
    """Return the expression with the whole numbers of a point in it, and the others.

    SymPy would factor the numerators of the others to simplify roots and powers of them.
    """
    whole = {symbol: value for symbol, value in place.items() if value.is_Integer}
    rest = {symbol: value for symbol, value in place.items() if symbol not in whole}
    return expression.xreplace(whole).doit(), rest


def _size(value: sp.Expr) -> sp.Expr:
    """Return the larger one of the real and imaginary part; SymPy is slow to work out the modulus."""
    return max(abs(part) for part in value.as_real_imag())


def _is_number(value: sp.Expr) -> bool:
    return bool(value.is_number and value.is_finite and not value.atoms(sp.Function))
