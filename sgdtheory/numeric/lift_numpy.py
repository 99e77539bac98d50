"""The spectral lift for numbers: broadcast over the eigenvalues, rotated back."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.closed_form import ClosedForm, index_letters
from sgdtheory.numeric.operators import (
    apply,
    coefficients,
    divisor,
    function,
    modal_quotient,
    pair_form,
    pair_parts,
    scalar_words,
)
from sgdtheory.numeric.spectrum import Spectrum, spectrum_of
from sgdtheory.symbols import glossary, lambda_i, lambda_j


def lift(form: ClosedForm, value: sp.Expr, hessian: Any, words: dict[str, Any]) -> Any:
    """Evaluate a closed form on NumPy arrays and Python numbers."""
    left = glossary[form.symbol]
    symbols, compute = function(value)
    if not index_letters(value) and not left.indices:
        return _of_scalars(compute, [words[glossary[s].word] for s in symbols])
    spectrum = hessian if isinstance(hessian, Spectrum) else spectrum_of(hessian)
    vectors = spectrum.vectors
    arguments = [_argument(s, spectrum, words, pair="j" in left.indices) for s in symbols]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        result = np.asarray(compute(*arguments), dtype=float)
    if not left.indices:
        return float(np.sum(np.broadcast_to(result, spectrum.eigenvalues.shape)))
    shape = (len(vectors),) * len(left.indices)
    result = np.broadcast_to(result, shape)
    if not left.rotates:
        return result.copy()
    if len(shape) == 1:
        return vectors @ result
    found = _refined(value, vectors @ result @ vectors.T, spectrum, words)
    return (found + found.T) / 2 if _is_symmetric(value) else found


def _of_scalars(compute: Callable[..., Any], numbers: list[Any]) -> float:
    try:
        return float(compute(*numbers))
    except (ZeroDivisionError, OverflowError):  # arrays go on to the limit, as 1/(1 + 1/0) = 0; so do NumPy's scalars
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return float(compute(*map(np.float64, numbers)))


@lru_cache(maxsize=256)
def _is_symmetric(value: sp.Expr) -> bool:
    return value.xreplace({lambda_i: lambda_j, lambda_j: lambda_i}) == value


def _argument(symbol: sp.Symbol, spectrum: Spectrum, words: dict[str, Any], *, pair: bool) -> Any:
    quantity = glossary[symbol]
    of_mode = quantity.word == "curvature" and quantity.indices
    entry = spectrum.eigenvalues if of_mode else words[quantity.word]
    if len(quantity.indices) == 2:
        entry = spectrum.vectors.T @ np.asarray(entry, dtype=float) @ spectrum.vectors
        if quantity.indices == "ij":
            return entry
        entry = np.diagonal(entry)
    elif quantity.indices and quantity.rotates:
        entry = spectrum.vectors.T @ np.asarray(entry, dtype=float)
    if not quantity.indices or not pair:
        return entry
    return entry[:, None] if quantity.indices[0] == "i" else entry[None, :]


def _refined(value: sp.Expr, result: np.ndarray, spectrum: Spectrum, words: dict[str, Any]) -> np.ndarray:
    """Return a matrix improved by one step of iterative refinement, where its operator form is rational."""
    form = pair_form(value) if list(pair_parts(value)) == ["noise"] else None
    if form is None or form.atoms:
        return result
    H = [spectrum.matrix]
    noise = np.asarray(words["noise"], dtype=float)
    scalars = scalar_words(words)
    numerator, denominator = (coefficients(terms, scalars) for terms in (form.numerator, form.denominator))
    residual = apply(form.numerator, numerator, H, noise) - apply(form.denominator, denominator, H, result)
    pairs = divisor(form.denominator, denominator, [spectrum.eigenvalues])
    return result + modal_quotient(spectrum.vectors, pairs, residual)
