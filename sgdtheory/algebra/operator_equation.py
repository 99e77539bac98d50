"""Linear equations sum of c_k H^a X H'^b = F for a matrix X, solved in symbols.

The equation reads D(L, R) X = F; with 1/D from ``operator_inverse`` its solution is a sum of products,

    X = sum over i, j < d of  g_ij H^i F H'^j / Delta,

without elimination among the entries of X. Elimination costs seconds where this costs milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import comb, prod
from typing import Any

import sympy as sp
from sympy.polys.matrices import DomainMatrix

from sgdtheory.algebra.expressions import checked_expression
from sgdtheory.algebra.lowest_terms import CommonRing, Factors, Group, Polynomial, common_ring, substituted, value_at
from sgdtheory.algebra.operator_inverse import (
    Inverse,
    Place,
    Powers,
    generic_inverse,
    inverse,
    is_symmetric,
    short_inverse,
)
from sgdtheory.errors import DomainError

Term = tuple[sp.Expr, int, int]  # coefficient, power on the left, power on the right
_LONG = 300  # terms of Delta; where it may have more, the answer stays a sum of matrix products
_GENERIC = 4  # sizes up to which the inverse is found for a generic matrix, once


def solve_operator(
    terms: Sequence[Term],
    matrix: sp.MatrixBase,
    right: sp.MatrixBase,
    *,
    numerator: Sequence[Term] = ((sp.Integer(1), 0, 0),),
    trace: bool = False,
    singular: str = "the linear operator is singular",
) -> Any:
    """Solve sum of coefficient * matrix^a X (matrix')^b = right for X.

    Parameters
    ----------
    terms
        Triples (coefficient, a, b) of the operator.
    matrix
        (d, d) H, in symbols or exact numbers.
    right
        (d, d) F; (d, n) if every b is zero.
    numerator
        Triples of an operator that is applied to F first.
    trace
        Whether only the trace of X is wanted.
    singular
        What to say if there is no unique solution.

    Returns
    -------
    sympy.ImmutableMatrix or sympy.Expr
        A short answer is in lowest terms, numerators expanded and denominator in factors. A long one (generic d = 4,
        or the discrete equation at d = 3) is a sum of matrix products over one denominator.

    Raises
    ------
    DomainError
        If the operator is singular, or a coefficient or an entry no expression.

    Examples
    --------
    >>> a, q = sp.symbols("a q")
    >>> solve_operator([(1, 1, 0), (1, 0, 1)], sp.Matrix([[a]]), sp.Matrix([[q]]))
    Matrix([[q/(2*a)]])
    """
    terms, numerator = (
        [(checked_expression("a coefficient", coefficient), a, b) for coefficient, a, b in given]
        for given in (terms, numerator)
    )
    divisor = terms[-1][0]
    ring, (H, c, n, F) = common_ring(
        list(matrix),
        [sp.cancel(coefficient / divisor) for coefficient, _, _ in terms],
        [sp.cancel(coefficient / divisor) for coefficient, _, _ in numerator],
        list(right),
    )
    # With H = N/h, an operator of degree g in H times h^g and its coefficients' denominator has no fractions.
    scaled = _domain_matrix([H.scale * entry for entry in H.polynomials], matrix.rows, ring)
    operator = _Operator(ring, *_whole(terms, c, H.denominator), scaled)
    first = _Operator(ring, *_whole(numerator, n, H.denominator), scaled)
    side = first.applied(_domain_matrix(F.polynomials, matrix.rows, ring))
    common = F.scale * c.denominator * H.denominator**operator.degree
    below: Factors = [*F.factors, *n.factors, (H.denominator, first.degree)]
    if operator.is_singular():
        raise DomainError(
            f"{singular}, so there is no unique solution",
            got=_shown(matrix),
            allowed="a matrix with no such pair of eigenvalues",
            mend="leave out the directions that make the operator zero, or give their entries other values",
        )
    mirrored = is_symmetric(operator.coefficients, operator.powers) and side == side.transpose() and not trace
    wanted = [(i, j) for i in range(right.rows) for j in range(i if mirrored else 0, right.cols)]
    if operator.is_long:
        numerators, delta = operator.long_form(side, wanted, trace)
        prefactor = ring.quotient(common, below) / delta
        found = {place: prefactor * entry for place, entry in numerators.items()}
    else:
        below += operator.factors
        numerators = operator.numerators(side, wanted, trace)
        found = {place: ring.quotient(common * entry, below) for place, entry in numerators.items()}
    if trace:
        return found[0, 0]
    if mirrored:
        found |= {(j, i): entry for (i, j), entry in found.items()}
    return sp.ImmutableMatrix(right.rows, right.cols, lambda i, j: found[i, j])


def _whole(terms: Sequence[Term], group: Group, h: Polynomial) -> tuple[tuple[Polynomial, ...], Powers]:
    powers = tuple((a, b) for _, a, b in terms)
    degree = max(a + b for a, b in powers)
    found = zip(group.polynomials, powers, strict=True)
    return tuple(group.scale * coefficient * h ** (degree - a - b) for coefficient, (a, b) in found), powers


def _domain_matrix(entries: Sequence[Polynomial], rows: int, ring: CommonRing) -> DomainMatrix:
    columns = len(entries) // rows
    table = [list(entries[i * columns : (i + 1) * columns]) for i in range(rows)]
    return DomainMatrix(table, (rows, columns), ring.ring.to_domain())


def _shown(matrix: sp.MatrixBase) -> str:
    text = str(matrix.tolist())
    return text if len(text) <= 200 else f"{text[:200]} ..."


@dataclass(frozen=True)
class _Operator:
    """An operator D(L, R) with polynomial coefficients, for a matrix of polynomials."""

    ring: CommonRing
    coefficients: tuple[Polynomial, ...]
    powers: Powers
    matrix: DomainMatrix

    @property
    def degree(self) -> int:
        """Return the degree in the matrix."""
        return max(a + b for a, b in self.powers)

    def applied(self, side: DomainMatrix) -> DomainMatrix:
        """Return the sum of coefficient * matrix^a side (matrix')^b, by Horner's scheme in the left powers."""
        zero, turned = side.scalarmul(self.ring.ring.zero), self.matrix.transpose()
        rights = [side]
        for _ in range(max(b for _, b in self.powers)):
            rights.append(rights[-1] * turned)
        total = zero
        for power in reversed(range(1 + max(a for a, _ in self.powers))):
            total = self.matrix * total
            for coefficient, (a, b) in zip(self.coefficients, self.powers, strict=True):
                if a == power:
                    total = total + rights[b].scalarmul(coefficient)
        return total

    @cached_property
    def letters(self) -> tuple[tuple[int | str, ...], dict[str, Polynomial]]:
        """Return the coefficients with a name for each that is not 1 or -1, and what the names stand for."""
        named: dict[Polynomial, str] = {}
        letters = tuple(int(c.LC) if c in (1, -1) else named.setdefault(c, f"k{len(named)}") for c in self.coefficients)
        return letters, {name: c for c, name in named.items()}

    @cached_property
    def elementary(self) -> list[Polynomial]:
        """Return the elementary symmetric polynomials of the eigenvalues."""
        return [(-1) ** k * c for k, c in enumerate(self.matrix.charpoly())][1:]

    @cached_property
    def generic(self) -> Inverse | None:
        """Return the inverse in letters, unless the matrix is numbers, or large with few symbols."""
        values = [*self.elementary, *self.letters[1].values()]
        symbols = {generator for value in values for generator in self.ring.symbols_of(value)}
        d = self.matrix.shape[0]
        if not symbols or (d > _GENERIC and len(symbols) < d):
            return None
        return generic_inverse(self.letters[0], self.powers, d)

    @cached_property
    def values(self) -> list[Polynomial]:
        """Return what the letters of the generic inverse stand for."""
        names = self.letters[1]
        return [*self.elementary, *(names[name] for name in sorted(names))]

    @cached_property
    def special(self) -> Inverse:
        """Return the inverse for this matrix alone, its entries elements of the ring."""
        ring = self.ring.ring
        elements = [*self.coefficients, *self.elementary]
        domain, found = ring.to_domain(), elements
        if all(element.is_ground for element in elements):
            domain, found = sp.ZZ, [element.coeff(1) for element in elements]
        n = len(self.powers)
        places, numerators, determinant = inverse(found[:n], self.powers, found[n:], domain)
        return Inverse(places, tuple(map(ring, numerators)), [(ring(determinant), 1)])

    def is_singular(self) -> bool:
        """Return whether Delta is zero."""
        if self.generic is None:
            return any(self.ring.vanishes(factor) for factor, _ in self.special.factors)
        if not self.ring.opaque:
            # Not zero at some integers: not zero. Only else expand.
            point = [7 * place**2 + 11 for place in range(self.ring.ring.ngens)]
            numbers = [value_at(value, point) for value in self.values]
            if all(value_at(factor, numbers) for factor, _ in self.generic.factors):
                return False
        return any(self.ring.vanishes(self._in_ring(factor)) for factor, _ in self.generic.factors)

    def _in_ring(self, polynomial: Polynomial) -> Polynomial:
        return substituted(polynomial, self.values, self.ring.ring.one)

    @cached_property
    def is_long(self) -> bool:
        """Return whether the expanded answer would be a long one; a bound on the terms of Delta decides."""
        if self.generic is None:
            return False
        return prod(self._bound(factor) ** power for factor, power in self.generic.factors) > _LONG

    def _bound(self, factor: Polynomial) -> int:
        terms = [len(value) for value in self.values]
        degrees = [max(map(sum, value.itermonoms()), default=0) for value in self.values]
        symbols = len({symbol for value in self.values for symbol in self.ring.symbols_of(value)})
        products = sum(prod(n**e for n, e in zip(terms, m, strict=True)) for m in factor.itermonoms())
        degree = max(sum(n * e for n, e in zip(degrees, m, strict=True)) for m in factor.itermonoms())
        return min(products, comb(symbols + degree, degree))

    @cached_property
    def factors(self) -> Factors:
        """Return the factors of Delta in the ring."""
        if self.generic is None:
            return self.special.factors
        return [(self._in_ring(factor), power) for factor, power in self.generic.factors]

    def numerators(self, side: DomainMatrix, wanted: list[Place], trace: bool) -> dict[Place, Polynomial]:
        """Return Delta X in the ring: the wanted entries, or the trace as entry (0, 0)."""
        if self.generic is None:
            places, weights = self.special.places, self.special.numerators
        else:
            places, weights = self.generic.places, [self._in_ring(weight) for weight in self.generic.numerators]
        table = self._mirrored(places, weights)
        total = _Operator(self.ring, tuple(table.values()), tuple(table), self.matrix).applied(side)
        if trace:
            return {(0, 0): sum((total[i, i].element for i in range(total.shape[0])), self.ring.ring.zero)}
        rows = total.to_list()
        return {(i, j): rows[i][j] for i, j in wanted}

    def _mirrored(self, places: Sequence[Place], weights: Sequence[Any]) -> dict[Place, Any]:
        table = dict(zip(places, weights, strict=True))
        if is_symmetric(self.coefficients, self.powers) and any(b for _, b in self.powers):
            table |= {(j, i): weight for (i, j), weight in table.items()}
        return {place: weight for place, weight in table.items() if weight != 0}

    def long_form(self, side: DomainMatrix, wanted: list[Place], trace: bool) -> tuple[dict[Place, sp.Expr], sp.Expr]:
        """Return Delta X as sums of matrix products, and Delta in its factors.

        Only the powers of the matrix and the letters are expanded; entries share them, so ``sympy.cse`` pays.
        """
        short = short_inverse(self.letters[0], self.powers, self.matrix.shape[0])
        known = {letter: self.ring.expression(value) for letter, value in zip(short.letters, self.values, strict=True)}
        table = self._mirrored(short.places, [weight.xreplace(known) for weight in short.numerators])
        powers = [self.matrix.eye(self.matrix.shape, self.matrix.domain).to_dense()]
        for _ in range(max(i for i, _ in table)):
            powers.append(powers[-1] * self.matrix)
        lefts = [self._expressions(power) for power in powers]
        F = self._expressions(side)
        rights = [_product(F, _transposed(left)) for left in lefts[: 1 + max(j for _, j in table)]]

        def entry(a: int, b: int) -> sp.Expr:
            column = [[row[b] for row in right] for right in rights]
            weighted = [(weight, _dot(lefts[i][a], column[j])) for (i, j), weight in table.items()]
            by_weight: dict[sp.Expr, list[sp.Expr]] = {}
            for weight, value in weighted:
                by_weight.setdefault(weight, []).append(value)
            return sp.Add(*(weight * sp.Add(*values) for weight, values in by_weight.items()))

        delta = short.denominator.xreplace(known)
        if trace:
            return {(0, 0): sp.Add(*(entry(a, a) for a in range(len(F))))}, delta
        return {(a, b): entry(a, b) for a, b in wanted}, delta

    def _expressions(self, matrix: DomainMatrix) -> list[list[sp.Expr]]:
        return [[self.ring.expression(entry) for entry in row] for row in matrix.to_list()]


def _dot(first: list[sp.Expr], second: list[sp.Expr]) -> sp.Expr:
    return sp.Add(*(a * b for a, b in zip(first, second, strict=True)))


def _transposed(table: list[list[sp.Expr]]) -> list[list[sp.Expr]]:
    return [list(column) for column in zip(*table, strict=True)]


def _product(first: list[list[sp.Expr]], second: list[list[sp.Expr]]) -> list[list[sp.Expr]]:
    columns = _transposed(second)
    return [[_dot(row, column) for column in columns] for row in first]
