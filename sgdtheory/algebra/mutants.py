"""Wrong variants of a formula: a check that does not reject them is no check."""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from sgdtheory.algebra.derivation import is_zero

SCALE = sp.Rational(21, 20)


def mutants(value: sp.Expr) -> dict[str, sp.Expr]:
    """Return variants that are provably different from a value, by what was done to it.

    A factor 1.05 and 1.001; each term of each sum dropped or its sign flipped; each factor of each product dropped;
    each number halved; each whole exponent raised by one.

    Examples
    --------
    >>> x = sp.Symbol("x", positive=True)
    >>> sorted(mutants(1 + x).values(), key=str)[:3]
    [1, 1 - x, 1001*x/1000 + 1001/1000]
    """
    found: dict[str, sp.Expr] = {}
    for label, mutant in _candidates(value):
        if mutant not in found.values() and (_differ(mutant, value) or not is_zero(mutant - value)):
            found[label] = mutant
    return found


def _differ(first: sp.Expr, second: sp.Expr) -> bool:
    """Return whether two expressions differ at a point with a number for each symbol; False does not say they agree."""
    symbols = sorted(first.free_symbols | second.free_symbols, key=str)
    chosen = {s: sp.Integer(3 + n) if s.is_integer else sp.Rational(2 + n, 7 + 4 * n) for n, s in enumerate(symbols)}
    a, b = (expression.xreplace(chosen).evalf(40) for expression in (first, second))
    return bool(a.is_finite and b.is_finite and abs(a - b) > sp.Float("1e-25") * (abs(a) + abs(b)))


def _candidates(value: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    if value == 0:
        yield "zero raised to 1/20", sp.Rational(1, 20)
        return
    yield "times 1.05", SCALE * value
    yield "times 1.001", sp.Rational(1001, 1000) * value
    yield from _edits(value)


def _edits(node: sp.Expr) -> Iterator[tuple[str, sp.Expr]]:
    """Yield the node with one place in it changed."""
    if node.is_Add:
        for index, term in enumerate(node.args):
            yield f"term {term} dropped", _rebuild(node, index, sp.Integer(0))
            yield f"sign of {term} flipped", _rebuild(node, index, -term)
    if node.is_Mul:
        for index, factor in enumerate(node.args):
            yield f"factor {factor} dropped", _rebuild(node, index, sp.Integer(1))
    if node.is_Pow and node.exp.is_Integer and node.exp != -1:
        yield f"exponent of {node} raised", node.base ** (node.exp + 1)
    if node.is_Number and node not in (0, -1):
        yield f"{node} halved", node / 2
    for index, argument in enumerate(node.args):
        for label, changed in _edits(argument):
            yield label, _rebuild(node, index, changed)


def _rebuild(node: sp.Expr, index: int, argument: sp.Expr) -> sp.Expr:
    return node.func(*(argument if place == index else old for place, old in enumerate(node.args)))
