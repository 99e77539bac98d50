"""What becomes of a value at the edge of its domain, where that is plain to see."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import sympy as sp

from sgdtheory.algebra.derivation import is_zero
from sgdtheory.render.document import Inlines, Text
from sgdtheory.symbols import glossary, lambda_1, lambda_2

if TYPE_CHECKING:
    from collections.abc import Callable

    from sgdtheory.closed_form import ClosedForm

_INEQUALITIES = (sp.Le, sp.Lt, sp.Ge, sp.Gt)


def at_the_edge(form: ClosedForm, relation: Any, formula: Callable[[sp.Basic], Any]) -> Inlines:
    """Return a sentence on the value at the edge of one relation of the domain, or nothing.

    Nothing is said where the edge meets another relation of the domain: what is left of the value there may behave
    otherwise than the value beside it.
    """
    if not isinstance(relation, _INEQUALITIES):
        return ()
    others = [other for other in form.domain if other is not relation and isinstance(other, _INEQUALITIES)]
    others += _whole_numbers((form.value.free_symbols | relation.free_symbols) - {relation.gts - relation.lts})
    one_mode = {s: _same_mode(s) for s in form.value.free_symbols | relation.free_symbols}
    subject, behaviour = "the value", _behaviour(form.value, relation, others)
    if len(glossary[form.symbol].indices) == 2:  # entries of different modes may vanish where those of one mode diverge
        alone = _behaviour(form.value.xreplace(one_mode), relation.xreplace(one_mode), others)
        if behaviour is None or alone is None or alone[0] != behaviour[0]:
            subject, behaviour = "the diagonal entry", alone
    elif {lambda_1, lambda_2} <= form.value.free_symbols:
        if _behaviour(*(part.subs(lambda_2, lambda_1) for part in (form.value, relation)), others) != behaviour:
            return ()
    elif behaviour is None:
        behaviour = _behaviour(form.value.xreplace(one_mode), relation.xreplace(one_mode), others)
    if behaviour is None:
        return ()
    says, exceptions = behaviour
    found = [Text("At "), formula(_equality(relation)), Text(f" {subject} {says}")]
    for word, other in zip((", except at ", *[" and at "] * len(exceptions)), exceptions, strict=False):
        found += [Text(word), formula(_equality(other))]
    return (*found, Text("."))


def _behaviour(value: sp.Expr, relation: Any, others: list[Any]) -> tuple[str, list[Any]] | None:
    """Return what the value does at an edge, and the other edges at which it does not."""
    edge = relation.lhs - relation.rhs
    shared = sorted(edge.free_symbols & value.free_symbols, key=str)
    if not shared or not edge.is_polynomial(shared[0]) or sp.degree(edge, shared[0]) != 1:
        return None
    (root,) = sp.solve(edge, shared[0])
    if _is_pinned([(other.gts - other.lts).subs(shared[0], root) for other in others]):
        return None
    parts = sp.fraction(sp.together(value))
    if parts[1].is_Add and any(not power.exp.is_integer for power in parts[1].atoms(sp.Pow)):
        return None  # whether a root cancels what is beside it depends on signs
    numerator, denominator = (part.subs(shared[0], root) for part in parts)
    above, below = is_zero(numerator), is_zero(denominator)
    if below and not above:
        if any(is_zero(numerator.subs(other.lhs, number)) for other in others for number in _further(other)):
            return None
        reached = [other for other in others if isinstance(other, sp.Le | sp.Ge)]
        return "grows without bound", [other for other in reached if _vanishes_at(numerator, other)]
    return ("is zero", []) if above and not below else None


def _whole_numbers(symbols: set[sp.Symbol]) -> list[Any]:
    """Return what the symbols that count say of themselves; a domain cannot hold it, as it is true of every value."""
    counts = sorted((symbol for symbol in symbols if symbol.is_integer and symbol.is_nonnegative), key=str)
    return [sp.Ge(symbol, int(bool(symbol.is_positive)), evaluate=False) for symbol in counts]


def _further(relation: Any) -> tuple[int, ...]:
    """Return an even and an odd number inside a bound on a symbol that counts: powers of -1 differ there."""
    return (2, 3) if relation.lhs.is_Symbol and relation.lhs.is_integer and relation.rhs.is_Integer else ()


def _is_pinned(gaps: list[sp.Expr]) -> bool:
    """Return whether gaps, none of which may be negative, leave no freedom: one is zero, or two are opposite."""
    return any(map(is_zero, gaps)) or any(is_zero(one + other) for one, other in combinations(gaps, 2))


def _vanishes_at(numerator: sp.Expr, relation: Any) -> bool:
    symbol = min(relation.free_symbols, key=str)
    return any(is_zero(numerator.subs(symbol, root)) for root in sp.solve(relation.lhs - relation.rhs, symbol))


def _equality(relation: Any) -> sp.Basic:
    return sp.Eq(relation.lhs, relation.rhs, evaluate=False)


def _same_mode(symbol: sp.Symbol) -> sp.Symbol:
    """Return the symbol of the mode i that stands for one of the mode j."""
    return {s.name: s for s in glossary}.get(
        symbol.name.replace("_ij", "_ii").replace("_jj", "_ii").replace("_j", "_i"), symbol
    )
