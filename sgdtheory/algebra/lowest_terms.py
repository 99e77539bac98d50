"""Rational expressions as polynomials with integer coefficients over common denominators, and back in lowest terms.

What is not rational in the symbols (a root, an exponential, a power with a symbolic exponent) counts as one more
symbol, so that every identity found here holds for it too.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import gcd, lcm, prod
from typing import Any

import sympy as sp

from sgdtheory.algebra.expressions import checked_expression, listed
from sgdtheory.errors import DomainError

Polynomial = Any  # sympy.polys.rings.PolyElement over ZZ
Factors = list[tuple[Polynomial, int]]  # a product of powers


@dataclass(frozen=True)
class CommonRing:
    """The ring ZZ[symbols] that holds some expressions, with the way back to them."""

    ring: Any
    opaque: dict[sp.Symbol, sp.Expr]
    relations: list[tuple[int, int, Polynomial]]  # place of r, q and b with r^q = b, an outer root first

    def related(self, polynomial: Polynomial) -> Polynomial:
        """Return a polynomial with powers of roots replaced by what they are the roots of."""
        for place, order, base in self.relations:  # by hand: PolyElement.rem takes time squared in the terms
            parts: dict[int, Polynomial] = {}
            for powers, coefficient in polynomial.iterterms():
                whole, left = divmod(powers[place], order)
                part = parts.setdefault(whole, self.ring.zero)
                part[(*powers[:place], left, *powers[place + 1 :])] = coefficient
            if any(parts):
                polynomial = sum((part * base**whole for whole, part in parts.items()), self.ring.zero)
        return polynomial

    def expression(self, polynomial: Polynomial) -> sp.Expr:
        """Return a polynomial as an expression."""
        written = polynomial.as_expr()
        return written.xreplace(self.opaque) if self.opaque else written

    def symbols_of(self, polynomial: Polynomial) -> set[int]:
        """Return the places of the symbols that a polynomial has."""
        return {place for powers in polynomial.itermonoms() for place, power in enumerate(powers) if power}

    def vanishes(self, polynomial: Polynomial) -> bool:
        """Return whether a polynomial is zero, opaque symbols that depend on each other (sin, cos) included."""
        if polynomial == 0 or not self.opaque:
            return bool(polynomial == 0)
        found = sp.expand(self.expression(polynomial))
        return bool(found == 0 or (not found.is_Rational and found.equals(0)))

    def quotient(self, numerator: Polynomial, factors: Factors) -> sp.Expr:
        """Return numerator over a product of powers, in lowest terms and with the denominator in factors."""
        above, number, below = reduced(self.related(numerator), factors)
        if above == 0:
            return sp.Integer(0)
        powers = [(above, 1), *((factor, -power) for factor, power in below)]
        return sp.Mul(
            number, *(self.expression(part) ** power for whole, power in powers for part in without_monomial(whole))
        )


@dataclass(frozen=True)
class Group:
    """Expressions as scale * polynomials / (product of the factors); the polynomials have no monomial in common."""

    polynomials: list[Polynomial]
    scale: Polynomial
    factors: Factors

    @property
    def denominator(self) -> Polynomial:
        """Return the common denominator, expanded."""
        return prod((factor**power for factor, power in self.factors), start=self.scale.ring.one)


def common_ring(*groups: Sequence[sp.Expr]) -> tuple[CommonRing, list[Group]]:
    """Return the ring of some groups of rational expressions, and each group over its common denominator.

    Examples
    --------
    >>> a, b = sp.symbols("a b")
    >>> _, (group,) = common_ring([a / b, a**2 / 2])
    >>> group.polynomials, group.scale, group.denominator
    ([2, a*b], a, 2*b)
    """
    given = [[checked_expression("an entry", entry) for entry in listed(group)] for group in groups]
    openers = _Opener([entry for group in given for entry in group])
    opened = [[openers.opened(entry) for entry in group] for group in given]
    roots = openers.roots()
    everything = [*(entry for group in opened for entry in group), *(base for _, _, base in roots)]
    plain = {symbol for entry in everything for symbol in entry.free_symbols} - set(openers.known)
    symbols = [*openers.known, *sorted(plain, key=str)]
    # One symbol at least, so that numbers make a ring of polynomials too.
    ring = sp.ring(symbols or [sp.Dummy()], sp.ZZ)[0]
    fractions = _Fractions(ring)
    common = CommonRing(ring, openers.known, [])
    for root, order, base in roots:
        common.relations.insert(0, (symbols.index(root), order, fractions.power_of(root, order, base)))
        common.opaque[root] *= common.expression(_missing(fractions.of(root)[1], {}, ring))
    found = [_grouped([fractions.of(entry) for entry in group], common) for group in opened]
    return common, found


def in_lowest_terms(expression: sp.Expr) -> sp.Expr:
    """Return an expression as one quotient in lowest terms, its denominator in factors.

    Examples
    --------
    >>> a, b = sp.symbols("a b")
    >>> in_lowest_terms(a / b - (a - b) / (a + b))
    (a**2 + b**2)/(b*(a + b))
    >>> in_lowest_terms(1 + a / b - sp.sqrt(1 + a / b) ** 2)
    0
    """
    ring, (group,) = common_ring([expression])
    return ring.quotient(group.polynomials[0] * group.scale, group.factors)


class _Opener:
    """Replaces what is not rational by symbols: exponentials and roots by powers of as few as possible."""

    def __init__(self, entries: Sequence[sp.Expr]) -> None:
        self.known: dict[sp.Symbol, sp.Expr] = {}  # an inner root before an outer one
        self._symbols: dict[sp.Expr, sp.Symbol] = {}
        self._steps: dict[sp.Expr, int] = {}  # exp(rest / step) is the symbol
        for exponential in {node for entry in entries for node in entry.atoms(sp.exp)}:
            for coefficient, rest in _exponents(exponential):
                self._steps[rest] = lcm(self._steps.get(rest, 1), int(coefficient.q))

    def opened(self, expression: sp.Expr) -> sp.Expr:
        if expression.is_Symbol or expression.is_Rational:
            return expression
        if expression.is_Add or expression.is_Mul:
            return expression.func(*map(self.opened, expression.args))
        if isinstance(expression, sp.exp):
            return sp.Mul(
                *(
                    self._symbol(sp.exp(rest / self._steps[rest])) ** (coefficient * self._steps[rest])
                    for coefficient, rest in _exponents(expression)
                )
            )
        if expression.is_Pow and expression.exp.is_Integer:
            return self.opened(expression.base) ** expression.exp
        if expression.is_Pow and expression.exp.is_Rational:
            return self._symbol(expression.base ** sp.Rational(1, expression.exp.q)) ** expression.exp.p
        return self._symbol(expression)

    def roots(self) -> list[tuple[sp.Symbol, int, sp.Expr]]:
        """Return r, q and b for each root r with r^q = b, an inner root before an outer one."""
        return [
            (symbol, order, base)
            for symbol, expression in self.known.items()
            for order, base in self._power_of(expression)
        ]

    def _power_of(self, expression: sp.Expr) -> list[tuple[int, sp.Expr]]:
        if expression is sp.I:
            return [(2, sp.Integer(-1))]
        if expression.is_Pow and expression.exp.is_Rational:
            return [(int(expression.exp.q), self.opened(expression.base))]
        return []

    def _symbol(self, expression: sp.Expr) -> sp.Symbol:
        if expression not in self._symbols:
            if expression.is_Pow and expression.exp.is_Rational:
                self.opened(expression.base)  # finds the roots inside
            symbol = self._symbols[expression] = sp.Dummy()
            self.known[symbol] = expression
        return self._symbols[expression]


def _exponents(exponential: sp.Expr) -> list[tuple[sp.Rational, sp.Expr]]:
    """Return the terms of an exponent, a rational number beside the rest."""
    return [term.as_coeff_Mul(rational=True) for term in sp.Add.make_args(sp.expand(exponential.exp))]


class _Fractions:
    """Expressions as polynomials over products of powers; denominators are never expanded and put together."""

    def __init__(self, ring: Any) -> None:
        self.ring = ring
        self._generators = dict(zip(ring.symbols, ring.gens, strict=True))
        self._known: dict[sp.Expr, tuple[Polynomial, dict[Polynomial, int]]] = {}

    def of(self, expression: sp.Expr) -> tuple[Polynomial, dict[Polynomial, int]]:
        if expression not in self._known:
            self._known[expression] = self._found(expression)
        return self._known[expression]

    def power_of(self, root: sp.Symbol, order: int, base: sp.Expr) -> Polynomial:
        """Return what the power of a root's generator is, because root^order = base.

        Where the base is a/b with a denominator, the generator stands for b times the root from now on: its power is
        a b^(order - 1), a polynomial.
        """
        above, below = self.of(base)
        self._known[root] = self._generators[root], below
        return above * _missing(below, {}, self.ring) ** (order - 1)

    def _found(self, expression: sp.Expr) -> tuple[Polynomial, dict[Polynomial, int]]:
        ring = self.ring
        if expression.is_Symbol:
            return self._generators[expression], {}
        if expression.is_Rational:
            return ring(int(expression.p)), _power({}, ring(int(expression.q)), 1)
        if expression.is_Pow:
            above, below = self.of(expression.base)
            power = int(expression.exp)
            if power > 0:
                return above**power, {factor: power * count for factor, count in below.items()}
            if above == 0:
                raise DomainError(
                    "an expression divides by zero",
                    got=f"1/({expression.base})"[:200],
                    allowed="denominators that are not identically zero",
                    mend="simplify the entries first",
                )
            inverse: dict[Polynomial, int] = {}
            content, above = above.primitive()
            for part in (ring(content), *without_monomial(above)):
                _power(inverse, part, -power)
            return prod((factor ** (-power * count) for factor, count in below.items()), start=ring.one), inverse
        parts = [self.of(argument) for argument in expression.args]
        if expression.is_Mul:
            below = {}
            for _, factors in parts:
                for factor, count in factors.items():
                    _power(below, factor, count)
            return prod((above for above, _ in parts), start=ring.one), below
        common = _common(factors for _, factors in parts)
        return sum((above * _missing(common, factors, ring) for above, factors in parts), ring.zero), common


def _power(factors: dict[Polynomial, int], factor: Polynomial, count: int) -> dict[Polynomial, int]:
    if factor != 1:
        factors[factor] = factors.get(factor, 0) + count
    return factors


def _common(many: Iterable[dict[Polynomial, int]]) -> dict[Polynomial, int]:
    found: dict[Polynomial, int] = {}
    for factors in many:
        for factor, count in factors.items():
            found[factor] = max(found.get(factor, 0), count)
    return found


def _missing(common: dict[Polynomial, int], factors: dict[Polynomial, int], ring: Any) -> Polynomial:
    return prod((factor ** (count - factors.get(factor, 0)) for factor, count in common.items()), start=ring.one)


def _grouped(pairs: list[tuple[Polynomial, dict[Polynomial, int]]], known: CommonRing) -> Group:
    ring, common = known.ring, _common(factors for _, factors in pairs)
    polynomials = [known.related(above * _missing(common, factors, ring)) for above, factors in pairs]
    nonzero = [polynomial for polynomial in polynomials if polynomial != 0]
    scale = _monomial(nonzero) if nonzero else ring.one
    return Group([polynomial.exquo(scale) for polynomial in polynomials], scale, list(common.items()))


def _monomial(polynomials: Iterable[Polynomial]) -> Polynomial:
    """Return the largest monomial that divides all of some polynomials, none of them zero."""
    polynomials = list(polynomials)
    powers = [min(column) for column in zip(*(m for p in polynomials for m in p.itermonoms()), strict=True)]
    return polynomials[0].ring.from_dict({tuple(powers): sp.ZZ(1)})


def without_monomial(polynomial: Polynomial) -> tuple[Polynomial, Polynomial]:
    """Return the largest monomial that divides a polynomial, and the rest."""
    monomial = _monomial([polynomial])
    return monomial, polynomial.exquo(monomial)


def reduced(numerator: Polynomial, factors: Factors) -> tuple[Polynomial, sp.Rational, Factors]:
    """Cancel what a numerator shares with the factors of a denominator.

    Returns
    -------
    PolyElement, Rational, list
        A primitive numerator, a number, and the factors that stay, primitive, with their signs turned to read well.
    """
    if numerator == 0:
        return numerator, sp.Integer(0), []
    content, numerator = numerator.primitive()
    number, below = sp.Integer(int(content)), []
    todo = [(part, power) for factor, power in factors for part in without_monomial(factor)]
    while todo:
        factor, power = todo.pop()
        content, factor = factor.primitive()
        number /= sp.Integer(int(content)) ** power
        if _reads_negative(factor):
            factor, number = -factor, number * (-1) ** power
        if factor == 1 or not power:
            continue
        shared = _greatest_common_divisor(numerator, factor)
        if shared == 1:
            below.append((factor, power))
            continue
        numerator = numerator.exquo(shared)
        todo += [(factor.exquo(shared), power), (shared, power - 1)]
    signs = [coefficient < 0 for coefficient in numerator.itercoeffs()]
    if all(signs) or (number < 0 and any(signs)):  # a - b rather than -(b - a)
        numerator, number = -numerator, -number
    return numerator, number, below


def _reads_negative(polynomial: Polynomial) -> bool:
    constant = polynomial.coeff(1)
    return bool(constant < 0 or (constant == 0 and polynomial.LC < 0))


def _greatest_common_divisor(first: Polynomial, second: Polynomial) -> Polynomial:
    """Return the greatest common divisor of two primitive polynomials.

    A common divisor divides their values at integers, so one point with coprime values settles the usual case. The
    points are many digits long: a divisor would have to be 1 at one of them to be overlooked.
    """
    numbers = random.Random(0)
    for _ in range(12):
        point = [numbers.randrange(10**6, 10**9) for _ in range(first.ring.ngens)]
        if gcd(value_at(first, point), value_at(second, point)) == 1:
            return first.ring.one
    return first.gcd(second)


def value_at(polynomial: Polynomial, point: Sequence[int]) -> int:
    """Return the value of a polynomial at integers."""
    total = 0
    for powers, coefficient in polynomial.iterterms():
        term = int(coefficient)
        for number, power in zip(point, powers, strict=True):
            if power:
                term *= number**power
        total += term
    return total


def substituted(polynomial: Polynomial, values: Sequence[Any], one: Any) -> Any:
    """Return a polynomial with elements of another ring in place of its generators."""
    total = one * 0
    for powers, coefficient in polynomial.iterterms():
        term = one * coefficient
        for value, power in zip(values, powers, strict=True):
            if power:
                term = term * value**power
        total = total + term
    return total
