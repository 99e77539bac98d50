"""Claims of a closed form at its points, in the basis of the parameters, to 50 digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.closed_form import ClosedForm, Point, value_at
from sgdtheory.processes.process import rotation
from sgdtheory.symbols import glossary

DIGITS = 50


def claim(form: ClosedForm, point: Point, value: sp.Expr | None = None) -> list[sp.Expr]:
    """Return the entries that a closed form (or a variant of it) claims at a point, turned out of the eigenbasis."""
    return rotate(form, point, value_at(form, point, value))


def rotate(form: ClosedForm, point: Point, entries: Sequence[sp.Expr]) -> list[sp.Expr]:
    """Turn entries from the eigenbasis into the basis in which the process runs."""
    quantity = glossary[form.symbol]
    if not quantity.indices or not quantity.rotates:
        return list(entries)
    basis = rotation(len(point["curvature"]))
    d = basis.rows
    if len(quantity.indices) == 1:
        return list(basis * sp.Matrix(entries))
    return list(basis * sp.Matrix(d, d, entries) * basis.T)


def problem_words(form: ClosedForm, point: Point, *, rotated: bool = True) -> tuple[sp.Matrix | None, dict[str, Any]]:
    """Return the Hessian of a point, if the form has modes, and the form's other parameters, exact."""
    words: dict[str, Any] = {}
    curvature = point.get("curvature")
    modes = isinstance(curvature, tuple)
    basis = rotation(len(curvature)) if modes and rotated else sp.eye(len(curvature) if modes else 1)
    for word, symbols in form.parameters.items():
        entry = point[word]
        if word == "curvature" and modes:
            continue
        if len(glossary[symbols[0]].indices) == 2:
            entry = basis * sp.Matrix(entry) * basis.T
        elif glossary[symbols[0]].indices:
            entry = basis * sp.Matrix(entry)
        words[word] = entry
    return (basis * sp.diag(*curvature) * basis.T if modes else None), words


def floats(value: Any) -> Any:
    """Return a SymPy matrix as an array, a number as a float or, if it is a whole number, an int."""
    if isinstance(value, sp.MatrixBase):
        array = np.array(value.tolist(), dtype=float)
        return array[:, 0] if array.shape[1] == 1 and array.shape[0] > 1 else array
    return int(value) if sp.sympify(value).is_Integer else float(value)


def relative_error(found: Sequence[Any], wanted: Sequence[Any]) -> float:
    """Return the largest difference over the largest entry wanted; infinite where something is not finite."""
    wanted_digits = [sp.N(entry, DIGITS) for entry in wanted]
    found_digits = [sp.N(sp.sympify(entry), DIGITS) for entry in found]
    if not all(entry.is_finite and entry.is_real for entry in (*wanted_digits, *found_digits)):
        return float("inf")
    scale = max(abs(entry) for entry in wanted_digits)
    gap = max(abs(a - b) for a, b in zip(found_digits, wanted_digits, strict=True))
    return float(gap / scale) if scale else float(gap)


def scaled_point(point: Point, small: str, scaling: Mapping[str, int], halvings: int) -> Point:
    """Return a point whose small parameter is halved so many times, others moving along by their powers."""
    factor = sp.Rational(1, 2) ** halvings
    moved = {word: point[word] * factor**power for word, power in scaling.items()}
    return {**point, small: point[small] * factor, **moved}
