"""Sums of terms c n^p r^n over whole numbers n >= 0: what linear recursions with constant coefficients run through.

Ratios and coefficients are elements of any one field that equal elements compare equal in: SymPy's numbers, or rational
functions as elements of its fields.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import comb
from typing import Any, TypeAlias

import sympy as sp

from sgdtheory.errors import DomainError

Terms: TypeAlias = dict[tuple[Any, int], Any]  # (ratio r, power p) -> coefficient c
Lowest: TypeAlias = Callable[[Any], Any]


def summed(first: Mapping[tuple[Any, int], Any], second: Mapping[tuple[Any, int], Any]) -> Terms:
    """Return the sum of two sums."""
    total = dict(first)
    for place, value in second.items():
        total[place] = total.get(place, 0) + value
    return total


def scaled(factor: Any, terms: Mapping[tuple[Any, int], Any]) -> Terms:
    """Return the sum times a constant."""
    return {place: factor * value for place, value in terms.items()}


def unchanged(value: Any) -> Any:
    """Return the value."""
    return value


def solved(factor: Any, forcing: Terms, start: Any, lowest: Lowest = unchanged) -> Terms:
    """Return v with v(n+1) = factor v(n) + forcing(n) and v(0) = start, coefficients simplified by ``lowest``.

    Where the forcing has the recursion's own factor as a ratio, the power of n rises by one.

    Raises
    ------
    DomainError
        If factor and forcing both have the ratio zero: then v(n) is no such sum at its first steps.

    Examples
    --------
    >>> solved(sp.Rational(1, 2), {(sp.Integer(1), 0): sp.Integer(1)}, 0)  # 2 - 2/2^n
    {(1, 0): 2, (1/2, 0): -2}
    """
    total: Terms = {}
    by_ratio: dict[Any, dict[int, Any]] = {}
    for (ratio, power), value in forcing.items():
        if value != 0:
            by_ratio.setdefault(ratio, {})[power] = value
    for ratio, wanted in by_ratio.items():
        same = ratio == factor
        if same and factor == 0:
            raise DomainError(
                "a moment is a memory of the step before, which a sum of powers does not hold at its first steps",
                got="two moments with factor zero, one driving the other",
                allowed="a whole number of steps, for this process",
                mend="hand in the number of steps as a number",
            )
        total = summed(total, (_resonant if same else _driven)(factor, ratio, wanted))
    total = summed(total, {(factor, 0): start - _at_zero(total)})
    return {place: lowest(value) for place, value in total.items()}


def solved_jointly(
    matrix: Sequence[Sequence[Any]],
    eigenvalues: Sequence[Any],
    forcing: Sequence[Terms],
    start: Sequence[Any],
    lowest: Lowest = unchanged,
) -> list[Terms]:
    """Return v with v(n+1) = matrix v(n) + forcing(n) and v(0) = start, without eigenvectors.

    Notes
    -----
    Let E take the next step. u_0 = v and u_k = (E - r_k) u_(k-1), for the eigenvalues r_k, is
    (A - r_k)...(A - r_1) v plus a combination h_k of the forcing. By Cayley and Hamilton the last one is h_s, which is
    known; from there each u_(k-1) solves a scalar recursion (Putzer's algorithm, with forcing).

    Examples
    --------
    The powers of a Jordan block:

    >>> first, _ = solved_jointly([[2, 1], [0, 2]], [sp.Integer(2)] * 2, [{}, {}], [0, 1])
    >>> written(first, sp.Symbol("n"))
    2**n*n/2
    """
    places = range(len(start))
    product = [[int(row == column) for column in places] for row in places]  # (A - r_k)...(A - r_1)
    held: list[Terms] = [{} for _ in places]
    starts = []
    for root in eigenvalues:
        starts.append([lowest(sum(product[row][k] * start[k] for k in places) + _at_zero(held[row])) for row in places])
        for row in places:
            held[row] = summed(_shifted(held[row]), scaled(-root, held[row]))
            for column in places:
                held[row] = summed(held[row], scaled(product[row][column], forcing[column]))
        product = [
            [
                lowest(sum(matrix[row][k] * product[k][column] for k in places) - root * product[row][column])
                for column in places
            ]
            for row in places
        ]
    for root, begin in zip(reversed(eigenvalues), reversed(starts), strict=True):
        held = [solved(root, held[row], begin[row], lowest) for row in places]
    return held


def _at_zero(terms: Terms) -> Any:
    return sum((value for (_, power), value in terms.items() if power == 0), 0)


def _shifted(terms: Terms) -> Terms:
    """Return the sum one step later."""
    total: Terms = {}
    for (ratio, power), value in terms.items():
        total = summed(total, {(ratio, lower): comb(power, lower) * ratio * value for lower in range(power + 1)})
    return total


def _driven(factor: Any, ratio: Any, wanted: dict[int, Any]) -> Terms:
    """Return a solution of the form (sum_p d_p n^p) ratio^n, found from the highest power down."""
    found: dict[int, Any] = {}
    for power in range(max(wanted), -1, -1):
        higher = sum((comb(q, power) * d for q, d in found.items()), 0)
        found[power] = (wanted.get(power, 0) - ratio * higher) / (ratio - factor)
    return {(ratio, power): value for power, value in found.items()}


def _resonant(factor: Any, ratio: Any, wanted: dict[int, Any]) -> Terms:
    """Return a solution (sum_p d_p n^p) ratio^n when the ratio is the recursion's own factor."""
    found: dict[int, Any] = {}
    for power in range(max(wanted) + 1, 0, -1):
        higher = sum((comb(q, power - 1) * d for q, d in found.items()), 0)
        found[power] = (wanted.get(power - 1, 0) / factor - higher) / power
    return {(factor, power): value for power, value in found.items()}


def written(terms: Terms, steps: sp.Expr, expression: Callable[[Any], sp.Expr] = sp.factor) -> sp.Expr:
    """Return the sum at ``steps``; ``expression`` makes SymPy's expressions of ratios and coefficients.

    Examples
    --------
    >>> written({(sp.Rational(1, 2), 0): sp.Integer(-2), (sp.Integer(1), 0): sp.Integer(2)}, sp.Integer(3))
    7/4
    """
    return sp.Add(
        *(expression(value) * steps**power * expression(ratio) ** steps for (ratio, power), value in terms.items())
    )
