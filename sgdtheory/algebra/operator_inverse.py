"""The inverse of an operator D(L, R), modulo the characteristic polynomial of the matrix behind L and R.

L multiplies by H from the left and R by its transpose from the right. Both satisfy the characteristic polynomial of
H (Cayley and Hamilton), so 1/D is a polynomial in them: the sum over i, j < d of g_ij L^i R^j / Delta. Here g and
Delta are found, as polynomials in the coefficients of that polynomial and in those of D; they are few, and the same
for every H.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sympy as sp
from sympy.polys.matrices import DomainMatrix
from sympy.polys.matrices.exceptions import DMNonInvertibleMatrixError

from sgdtheory.algebra.lowest_terms import Factors, Polynomial

Place = tuple[int, int]
Powers = tuple[Place, ...]  # of L and R, for each term of D


@dataclass(frozen=True)
class Inverse:
    """1/D as a sum of numerator * L^i R^j over the places (i, j), divided by a product of factors."""

    places: tuple[Place, ...]
    numerators: tuple[Polynomial, ...]
    factors: Factors


def is_symmetric(coefficients: Sequence[Any], powers: Powers) -> bool:
    """Return whether D(x, y) = D(y, x)."""
    terms = dict(zip(powers, coefficients, strict=True))
    return all(terms.get((b, a)) == coefficient for (a, b), coefficient in terms.items())


@lru_cache(maxsize=64)
def generic_inverse(letters: tuple[int | str, ...], powers: Powers, d: int) -> Inverse:
    """Return the inverse for a generic (d, d) matrix.

    Parameters
    ----------
    letters
        The coefficients of D: integers, or names where they are generic.
    powers
        The powers that they stand with.
    d
        The size.

    Returns
    -------
    Inverse
        Polynomials in e_1, ..., e_d, the elementary symmetric polynomials of the eigenvalues, and then the names in
        alphabetical order.

    Examples
    --------
    >>> generic_inverse((1, 1), ((1, 0), (0, 1)), 2)
    Inverse(places=((0, 0), (0, 1), (1, 1)), numerators=(e1**2 + e2, -e1, 1), factors=[(2, 1), (e1, 1), (e2, 1)])
    """
    names = sorted({letter for letter in letters if isinstance(letter, str)})
    ring = sp.ring([*(f"e{k}" for k in range(1, d + 1)), *names], sp.ZZ)[0]
    values = {name: generator for name, generator in zip(names, ring.gens[d:], strict=True)}
    coefficients = [values[letter] if isinstance(letter, str) else ring(letter) for letter in letters]
    places, numerators, determinant = inverse(coefficients, powers, ring.gens[:d], ring.to_domain())
    number, factors = determinant.factor_list()
    return Inverse(places, numerators, [(ring(number), 1), *sorted(factors, key=str)])


@dataclass(frozen=True)
class ShortInverse:
    """The generic inverse as expressions in its letters, each written in the shortest of a few ways."""

    letters: tuple[sp.Symbol, ...]
    places: tuple[Place, ...]
    numerators: tuple[sp.Expr, ...]
    denominator: sp.Expr


@lru_cache(maxsize=64)
def short_inverse(letters: tuple[int | str, ...], powers: Powers, d: int) -> ShortInverse:
    """Return the generic inverse as short expressions; the letters are dummies, so that no symbol is confused."""
    found = generic_inverse(letters, powers, d)
    ring = found.numerators[0].ring
    dummies = {symbol: sp.Dummy(symbol.name) for symbol in ring.symbols}

    def short(polynomial: Polynomial) -> sp.Expr:
        written = polynomial.as_expr()
        candidates = [written, sp.factor(written), *([] if written.is_number else [sp.horner(written)])]
        return min(candidates, key=sp.count_ops).xreplace(dummies)

    return ShortInverse(
        tuple(dummies.values()),
        found.places,
        tuple(map(short, found.numerators)),
        sp.Mul(*(short(factor) ** power for factor, power in found.factors)),
    )


def inverse(
    coefficients: Sequence[Any], powers: Powers, symmetric_polynomials: Sequence[Any], domain: Any
) -> tuple[tuple[Place, ...], tuple[Any, ...], Any]:
    """Return places, numerators and determinant of 1/D, elements of a domain; a zero determinant has no inverse."""
    d = len(symmetric_polynomials)
    zero, one = domain.zero, domain.one
    # x^d = e_1 x^(d-1) - e_2 x^(d-2) + ...
    lowered = [symmetric_polynomials[d - 1 - i] * (-1) ** (d - 1 - i) for i in range(d)]

    def times_left(table: list[list[Any]]) -> list[list[Any]]:
        top = table[-1]
        return [[(table[i - 1][j] if i else zero) + lowered[i] * top[j] for j in range(len(top))] for i in range(d)]

    def transposed(table: list[list[Any]]) -> list[list[Any]]:
        return [list(row) for row in zip(*table, strict=True)]

    one_sided = not any(b for _, b in powers)
    symmetric = not one_sided and is_symmetric(coefficients, powers)
    width = 1 if one_sided else d
    places = tuple((i, j) for i in range(d) for j in range(i if symmetric else 0, width))

    def image(place: Place) -> list[Any]:
        units = {place, place[::-1]} if symmetric else {place}
        table = [[one if (i, j) in units else zero for j in range(width)] for i in range(d)]
        total = [zero] * len(places)
        for coefficient, (a, b) in zip(coefficients, powers, strict=True):
            product = table
            for _ in range(a):
                product = times_left(product)
            for _ in range(b):
                product = transposed(times_left(transposed(product)))
            total = [entry + coefficient * product[i][j] for entry, (i, j) in zip(total, places, strict=True)]
        return total

    n = len(places)
    system = DomainMatrix([image(place) for place in places], (n, n), domain).transpose()
    unit = DomainMatrix([[one]] + [[zero]] * (n - 1), (n, 1), domain)
    try:
        found, determinant = system.solve_den(unit, method="rref" if domain.is_ZZ else "charpoly")
    except DMNonInvertibleMatrixError:
        return places, (zero,) * n, zero
    numerators = [row[0] for row in found.to_list()]
    shared = determinant
    for numerator in numerators:
        shared = domain.gcd(shared, numerator)
    return places, tuple(domain.exquo(entry, shared) for entry in numerators), domain.exquo(determinant, shared)
