"""The spectral lift for symbols: entry by entry where the Hessian is diagonal, else by a linear system."""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy as sp
from sympy.polys.matrices import DomainMatrix

from sgdtheory.algebra.spectral import OperatorForm, Terms
from sgdtheory.closed_form import ClosedForm, index_letters, value_at
from sgdtheory.numeric.operators import apply, pair_form, scalar_words, trace_forms, vector_form
from sgdtheory.symbols import glossary


def lift(form: ClosedForm, value: sp.Expr, hessian: Any, words: dict[str, Any]) -> Any:
    """Evaluate a closed form on SymPy matrices and expressions."""
    if any(isinstance(entry, np.ndarray) for entry in (hessian, *words.values())):
        # Numbers beside symbols: exact in between, so that nothing cancels, and decimal in the answer.
        return lift(form, value, _exact(hessian), {word: _exact(entry) for word, entry in words.items()}).evalf(17)
    left = glossary[form.symbol].indices
    scalars = scalar_words({word: sp.sympify(entry) for word, entry in words.items() if not _is_matrix(entry)})
    if not index_letters(value) and not left:
        return value.xreplace(scalars)
    H = sp.Matrix(hessian)
    if H.is_diagonal():
        return _by_entries(form, value, H, words)
    if len(left) == 2:
        return _pair(pair_form(value), H, sp.Matrix(words["noise"]), scalars)
    if left and glossary[form.symbol].rotates:
        return sp.ImmutableMatrix(_matrix_function(vector_form(value), H, scalars) * sp.Matrix(words["displacement"]))
    if left:
        raise NotImplementedError(f"{form.name} of a Hessian that is not diagonal, in symbols")
    total = sp.Integer(0)
    for word, part in trace_forms(value).items():
        matrix = sp.Matrix(words[word])
        matrix = matrix if word == "noise" else matrix * matrix.T
        total += (_matrix_function(part, H, scalars) * matrix).trace()
    return sp.cancel(total)


def _exact(entry: Any) -> Any:
    if isinstance(entry, np.ndarray):
        rows = entry if entry.ndim == 2 else entry[:, None]
        return sp.Matrix([[sp.Rational(float(number)) for number in row] for row in rows])
    return sp.Rational(entry) if isinstance(entry, float) else entry


def _is_matrix(entry: Any) -> bool:
    return isinstance(entry, sp.MatrixBase)


def _by_entries(form: ClosedForm, value: sp.Expr, H: sp.Matrix, words: dict[str, Any]) -> Any:
    point: dict[str, Any] = {word: entry for word, entry in words.items() if not _is_matrix(entry)}
    for word, entry in words.items():
        if _is_matrix(entry):
            column = entry.shape[1] == 1 and word != "noise"
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


def _matrix_function(form: OperatorForm, H: sp.Matrix, scalars: dict[sp.Symbol, Any]) -> sp.Matrix:
    """Return the function of one mode, applied to the Hessian."""
    generators, identity = _generators(form, H, scalars), sp.eye(H.rows)
    numerator, denominator = (
        apply(terms, _coefficients(terms, scalars), generators, identity)
        for terms in (form.numerator, form.denominator)
    )
    return _solve(denominator, numerator)


def _pair(form: OperatorForm, H: sp.Matrix, noise: sp.Matrix, scalars: dict[sp.Symbol, Any]) -> sp.ImmutableMatrix:
    generators, d = _generators(form, H, scalars), H.rows
    right = apply(form.numerator, _coefficients(form.numerator, scalars), generators, noise)
    values = _coefficients(form.denominator, scalars)
    # A symmetric unknown has d(d+1)/2 entries; with a lag the answer is not symmetric and all d^2 are needed.
    symmetric = (right - right.T).applyfunc(sp.expand).is_zero_matrix
    places = [(i, j) for i in range(d) for j in range(i if symmetric else 0, d)]
    columns = []
    for i, j in places:
        unit = sp.zeros(d, d)
        unit[i, j] = 1
        if symmetric:
            unit[j, i] = 1
        image = apply(form.denominator, values, generators, unit)
        columns.append([image[place] for place in places])
    system = sp.Matrix(columns).T
    solution = _solve(system, sp.Matrix([right[place] for place in places]))
    answer = sp.zeros(d, d)
    for (i, j), entry in zip(places, solution, strict=True):
        answer[i, j] = entry
        if symmetric:
            answer[j, i] = entry
    return sp.ImmutableMatrix(answer)


def _solve(matrix: sp.Matrix, right: sp.Matrix) -> sp.Matrix:
    """Solve a linear system of rational expressions; the characteristic polynomial keeps them small."""
    left, side = DomainMatrix.from_Matrix(matrix).unify(DomainMatrix.from_Matrix(right))
    field = left.domain.get_field() if not left.domain.is_Field else left.domain
    numerator, denominator = left.convert_to(field).solve_den(side.convert_to(field), method="charpoly")
    scale = field.to_sympy(denominator)
    return numerator.to_Matrix().applyfunc(lambda entry: sp.cancel(entry / scale))
