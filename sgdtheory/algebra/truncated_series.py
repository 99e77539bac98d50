"""Arithmetic of series that are known to so many terms."""

from __future__ import annotations

import sympy as sp

from sgdtheory.algebra.derivation import tidy

Terms = tuple[int, list[sp.Expr]]  # the lowest power and the coefficients that are known


def composed(taylor: list[sp.Expr], inner: list[sp.Expr]) -> list[sp.Expr]:
    """Return sum_k taylor[k] inner^k for an inner series without constant term, by Horner's rule."""
    total = [taylor[-1]] + [sp.S.Zero] * (len(inner) - 1)
    for coefficient in reversed(taylor[:-1]):
        total = times((0, total), (0, inner))[1]
        total[0] = coefficient
    return total


def plus(first: Terms, second: Terms) -> Terms:
    """Return the sum of two series."""
    start = min(first[0], second[0])
    end = min(first[0] + len(first[1]), second[0] + len(second[1]))

    def at(part: Terms, power: int) -> sp.Expr:
        return part[1][power - part[0]] if power >= part[0] else sp.S.Zero

    return start, [at(first, power) + at(second, power) for power in range(start, end)]


def times(first: Terms, second: Terms) -> Terms:
    """Return the product of two series."""
    count = min(len(first[1]), len(second[1]))
    found = [
        settled(sp.Add(*(first[1][i] * second[1][k - i] for i in range(k + 1) if first[1][i] and second[1][k - i])))
        for k in range(count)
    ]
    return first[0] + second[0], found


def settled(coefficient: sp.Expr) -> sp.Expr:
    """Return a coefficient in lowest terms."""
    return coefficient if coefficient.is_Atom else tidy(coefficient)
