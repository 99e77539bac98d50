"""Whether what a closed form is evaluated at lies in its domain: what it states, and what its symbols assume.

Outside, a formula goes on giving numbers, such as a negative variance. Symbols and traced values cannot be judged and
pass. Where a domain asks that two sides differ nothing is checked: there stands the limit, or a pole, which shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from itertools import chain, product
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.closed_form import ClosedForm, index_letters
from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import EPSILON, JAX, NUMPY, OPERATOR, SYMPY, is_concrete, kind_of
from sgdtheory.numeric.scalars import scalar
from sgdtheory.numeric.spectrum import Spectrum
from sgdtheory.symbols import glossary


def check(form: ClosedForm, kind: str, hessian: Any, words: Mapping[str, Any]) -> None:
    """Refuse numbers outside the domain of a closed form.

    Parameters
    ----------
    form
        The closed form.
    kind
        In which it is evaluated.
    hessian
        (d, d), a ``Spectrum``, or None; of an operator nothing is known.
    words
        The other parameters by their public words.

    Raises
    ------
    DomainError
        Naming the first relation that fails and the numbers at which it does.
    """
    if kind == SYMPY:
        _check_expressions(form, hessian, words)
        return
    known = {**words, "hessian": hessian}
    if kind != NUMPY:
        known = {word: value for word, value in known.items() if is_concrete(value) and kind_of(value) != OPERATOR}
    if hessian is None:
        known.pop("hessian")
    relations, symbols, pair, test = _compiled(form.domain, tuple(form.parameters.values()), tuple(known))
    values = [_numbers(s, known, pair=pair) for s in symbols]
    for relation, holds in zip(relations, test(*values), strict=True):
        if not (holds.all() if isinstance(holds, np.ndarray) else holds):
            place = tuple(np.argwhere(~np.asarray(holds))[0])
            at = dict(zip(symbols, values, strict=True))
            first = {s: np.broadcast_to(at[s], np.shape(holds))[place] for s in relation.free_symbols}
            raise _outside(form, relation, first)


@lru_cache(maxsize=1024)
def _relations(domain: tuple[sp.Rel, ...], parameters: tuple[tuple[sp.Symbol, ...], ...]) -> tuple[sp.Rel, ...]:
    """Return what must hold: what the symbols assume, and the domain."""
    signs: list[sp.Rel] = []
    for s in chain.from_iterable(parameters):
        if s.is_positive:
            signs.append(sp.StrictGreaterThan(s, 0, evaluate=False))
        elif s.is_nonnegative:
            signs.append(sp.GreaterThan(s, 0, evaluate=False))
        if s.is_integer:
            signs.append(sp.Equality(sp.floor(s, evaluate=False), s, evaluate=False))
    return (*signs, *(relation for relation in domain if not isinstance(relation, sp.Unequality)))


@lru_cache(maxsize=1024)
def _compiled(
    domain: tuple[sp.Rel, ...], parameters: tuple[tuple[sp.Symbol, ...], ...], words: tuple[str, ...]
) -> tuple[tuple[sp.Rel, ...], tuple[sp.Symbol, ...], bool, Callable[..., Any]]:
    """Return the relations that these words decide, their symbols, whether pairs of modes are asked about, and a test.

    The test takes the symbols' values and returns where each relation holds.
    """
    relations = tuple(r for r in _relations(domain, parameters) if all(_word(s) in words for s in r.free_symbols))
    symbols = tuple(sorted(set().union(*(r.free_symbols for r in relations)), key=str))
    pair = any("j" in glossary[s].indices for s in symbols)
    return relations, symbols, pair, sp.lambdify(symbols, list(relations), modules="numpy")


def _word(symbol: sp.Symbol) -> str:
    """Return the word by which ``evaluate`` takes a symbol."""
    quantity = glossary[symbol]
    return "hessian" if quantity.word == "curvature" and quantity.indices else quantity.word


def _numbers(symbol: sp.Symbol, known: Mapping[str, Any], *, pair: bool) -> Any:
    """Return a number, or those of all modes, along rows for i and columns for j."""
    indices, word = glossary[symbol].indices, _word(symbol)
    if not indices:
        return known[word] if type(known[word]) in (int, float) else float(scalar(word, known[word]))
    entries = _curvatures(known[word]) if word == "hessian" else _variances(known[word])
    if not pair:
        return entries
    return entries[:, None] if indices[0] == "i" else entries[None, :]


def _curvatures(hessian: Any) -> np.ndarray:
    """Return the eigenvalues, zero where rounding cannot tell them from it."""
    if isinstance(hessian, Spectrum):
        return _cleaned(hessian.eigenvalues, EPSILON)
    unit = np.finfo(hessian.dtype).eps if kind_of(hessian) == JAX else EPSILON
    return _cleaned(np.linalg.eigvalsh(np.asarray(hessian, dtype=float)), unit)


def _variances(noise: Any) -> np.ndarray:
    """Return the diagonal, which no covariance has negative in any basis."""
    return _cleaned(np.diagonal(np.asarray(noise, dtype=float)), EPSILON)


def _cleaned(entries: np.ndarray, unit: float) -> np.ndarray:
    rounding = 8 * len(entries) * unit * max(entries.max(), -entries.min())
    return entries if entries.min() > rounding else np.where(np.abs(entries) <= rounding, 0.0, entries)


def _check_expressions(form: ClosedForm, hessian: Any, words: Mapping[str, Any]) -> None:
    """Refuse expressions of which it is certain that they lie outside."""
    modes = _modes(hessian, words)
    for relation in _relations(form.domain, tuple(form.parameters.values())):
        letters = index_letters(relation)
        places = {s: (_word(s), glossary[s].indices) for s in relation.free_symbols}
        if any((modes if indices else words).get(word) is None for word, indices in places.values()):
            continue
        count = max((len(modes[word]) for word, indices in places.values() if indices), default=0)
        for choice in product(range(count), repeat=len(letters)):
            index = dict(zip(letters, choice, strict=True))
            at = {s: modes[w][index[i[0]]] if i else sp.sympify(words[w]) for s, (w, i) in places.items()}
            if relation.xreplace(at) == sp.false:
                raise _outside(form, relation, at)


def _modes(hessian: Any, words: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of curvature and noise mode by mode, by word."""
    found: dict[str, Any] = {"hessian": None, "noise": None}
    if hessian is not None:
        H = sp.Matrix(hessian)
        if H.is_diagonal():
            found["hessian"] = list(H.diagonal())
        elif not H.free_symbols:
            found["hessian"] = [sp.Float(number) for number in _curvatures(H.tolist())]
        if isinstance(words.get("noise"), sp.MatrixBase | np.ndarray | list):
            found["noise"] = list(sp.Matrix(words["noise"]).diagonal())
    return found


def _outside(form: ClosedForm, relation: sp.Rel, at: Mapping[sp.Symbol, Any]) -> DomainError:
    """Return the error for numbers that break a relation."""
    names = {s: glossary[s].word for s in at}
    if len(set(names.values())) < len(names):  # two modes of one quantity
        names = {s: "_".join((word, *glossary[s].indices[:1])) for s, word in names.items()}
    if isinstance(relation, sp.Equality):
        allowed = "whole numbers"
    else:
        allowed = str(relation.xreplace({s: sp.Symbol(name) for s, name in names.items()}))
    return DomainError(
        f"this is outside the domain of {form.name}",
        got=", ".join(sorted(f"{name} = {_shown(at[s])}" for s, name in names.items())),
        allowed=allowed,
        mend="keep to the domain; with check_domain=False evaluate gives what the formula says beyond it",
    )


def _shown(value: Any) -> str:
    return str(value) if isinstance(value, sp.Basic) and not value.is_Float else f"{float(value):.6g}"
