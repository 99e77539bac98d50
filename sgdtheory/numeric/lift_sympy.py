"""The spectral lift for symbols: entry by entry where the Hessian is diagonal, else by a linear system."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.algebra.operator_equation import Term, solve_operator
from sgdtheory.algebra.spectral import OperatorForm, Terms
from sgdtheory.closed_form import ClosedForm, index_letters, value_at
from sgdtheory.numeric.falling_rates import as_recursion
from sgdtheory.numeric.operators import (
    IDENTITY,
    apply,
    pair_form,
    pair_parts,
    scalar_words,
    trace_forms,
    vector_form,
)
from sgdtheory.symbols import glossary


def lift(form: ClosedForm, value: sp.Expr, hessian: Any, words: dict[str, Any]) -> Any:
    """Evaluate a closed form on SymPy matrices and expressions."""
    if any(_is_decimal(entry) for entry in (hessian, *words.values())):
        # Numbers beside symbols: exact in between, so that nothing cancels, and decimal in the answer.
        return lift(form, value, _exact(hessian), {word: _exact(entry) for word, entry in words.items()}).evalf(17)
    left = glossary[form.symbol].indices
    scalars = scalar_words({word: sp.sympify(entry) for word, entry in words.items() if not _is_matrix(entry)})
    if not index_letters(value) and not left:
        return value.xreplace(scalars)
    H = sp.Matrix(hessian)
    if H.is_diagonal():
        return _by_entries(form, value, H, words)
    if H.free_symbols:
        value = _numbers_in_exponents(value, scalars)
    falling = as_recursion(value)
    if falling is not None:
        return _falling_sum(*(sp.sympify(part).xreplace(scalars) for part in falling), H, sp.Matrix(words["noise"]))
    if len(left) == 2:
        parts = [
            _applied(pair_form(part), H, sp.Matrix(words[word]), scalars) for word, part in pair_parts(value).items()
        ]
        return sum(parts[1:], parts[0])
    if left and glossary[form.symbol].rotates:
        return _applied(vector_form(value), H, sp.Matrix(words["displacement"]), scalars)
    if left:
        raise NotImplementedError(f"{form.name} of a Hessian that is not diagonal, in symbols")
    total = sp.Integer(0)
    for word, part in trace_forms(value).items():
        matrix = sp.eye(H.rows) if word == IDENTITY else sp.Matrix(words[word])
        matrix = matrix * matrix.T if word == "displacement" else matrix
        total += _applied(part, H, matrix, scalars, trace=True)
    return total


def _falling_sum(factor: sp.Expr, constant: sp.Expr, steps: sp.Expr, H: sp.Matrix, noise: sp.Matrix) -> sp.Matrix:
    if not steps.is_Integer:
        raise NotImplementedError("a symbolic number of steps, of a Hessian that is not diagonal; give a whole number")
    total = 0 * noise
    for k in range(1, int(steps) + 1):
        kept = sp.eye(H.rows) - constant * H / k
        total = (kept * total * kept + noise / k**2).applyfunc(sp.expand)
    return sp.ImmutableMatrix(factor * total)


def _is_decimal(entry: Any) -> bool:
    if isinstance(entry, sp.Basic | sp.MatrixBase):
        return entry.has(sp.Float)
    return isinstance(entry, np.ndarray | float)


def _exact(entry: Any) -> Any:
    if isinstance(entry, np.ndarray):
        rows = entry if entry.ndim == 2 else entry[:, None]
        return sp.Matrix([[_rational(number) for number in row] for row in rows])
    if isinstance(entry, sp.Basic | sp.MatrixBase):
        return entry.xreplace({number: _rational(number) for number in entry.atoms(sp.Float)})
    return _rational(entry) if isinstance(entry, float) else entry


def _rational(number: Any) -> sp.Rational:
    """Return the shortest decimal that rounds to a number, so that 0.1 stays 1/10 and formulas stay short."""
    precise = isinstance(number, sp.Float) and number._prec > 53
    return sp.Rational(number) if precise else sp.Rational(repr(float(number)))


def _is_matrix(entry: Any) -> bool:
    return isinstance(entry, sp.MatrixBase)


def _by_entries(form: ClosedForm, value: sp.Expr, H: sp.Matrix, words: dict[str, Any]) -> Any:
    point: dict[str, Any] = {word: entry for word, entry in words.items() if not _is_matrix(entry)}
    for word, entry in words.items():
        if _is_matrix(entry):
            column = entry.shape[1] == 1 and word not in ("noise", "injected_noise")
            point[word] = tuple(entry) if column else tuple(map(tuple, entry.tolist()))
    point["curvature"] = tuple(H[i, i] for i in range(H.rows))
    entries = value_at(form, point, value)
    indices = glossary[form.symbol].indices
    if not indices:
        return entries[0]
    return sp.ImmutableMatrix(H.rows, H.rows if len(indices) == 2 else 1, entries)


def _generators(form: OperatorForm, H: sp.Matrix, scalars: dict[sp.Symbol, Any]) -> list[sp.Matrix]:
    generators = [H]
    for atom in form.atoms:
        exponent = atom.exponent.xreplace(scalars)
        if atom.kind != "power" or not exponent.is_Integer:
            raise NotImplementedError(
                "a matrix power with a symbolic exponent, or a matrix exponential, of a Hessian that is not diagonal;"
                " give the number of steps as an integer, or work in the eigenbasis with a diagonal Hessian"
            )
        mode = next(iter(atom.base.free_symbols & set(glossary) - set(scalars)))
        slope = sp.diff(atom.base, mode)
        constant = sp.expand(atom.base - slope * mode)
        generators.append((constant.xreplace(scalars) * sp.eye(H.rows) + slope.xreplace(scalars) * H) ** int(exponent))
    return generators


def _coefficients(terms: Terms, scalars: dict[sp.Symbol, Any]) -> list[sp.Expr]:
    return [sp.sympify(coefficient).xreplace(scalars) for coefficient, _, _ in terms]


def _applied(
    form: OperatorForm | None, H: sp.Matrix, right: sp.Matrix, scalars: dict[sp.Symbol, Any], *, trace: bool = False
) -> Any:
    """Return X with denominator(L, R) X = numerator(L, R) right; L and R multiply by the Hessian from the two sides."""
    if form is None:  # the value is zero
        return sp.ImmutableMatrix.zeros(*right.shape)
    numerator = _in_hessian(form.numerator, scalars)
    if numerator is None:
        generators = _generators(form, H, scalars)
        right = apply(form.numerator, _coefficients(form.numerator, scalars), generators, right)
        numerator = [(sp.Integer(1), 0, 0)]
    denominator = _in_hessian(form.denominator, scalars)
    if denominator is None:
        raise NotImplementedError("a matrix power in the denominator, of a Hessian that is not diagonal")
    singular = "the formula is 0/0 for some of the modes"
    return solve_operator(denominator, H, right, numerator=numerator, trace=trace, singular=singular)


def _in_hessian(terms: Terms, scalars: dict[sp.Symbol, Any]) -> list[Term] | None:
    """Return (coefficient, left power, right power) of the Hessian, or None if there are matrix powers."""
    if any(any(left[1:]) or any(right[1:]) for _, left, right in terms):
        return None
    values = _coefficients(terms, scalars)
    return [(value, left[0], right[0]) for value, (_, left, right) in zip(values, terms, strict=True)]


def _numbers_in_exponents(value: sp.Expr, scalars: dict[sp.Symbol, Any]) -> sp.Expr:
    """Return the value with whole numbers of steps put in, so that what is 0/0 term by term cancels between modes."""
    exponents = {symbol for power in value.atoms(sp.Pow) for symbol in power.exp.free_symbols}
    return value.xreplace({symbol: scalars[symbol] for symbol in exponents if scalars[symbol].is_Integer})
