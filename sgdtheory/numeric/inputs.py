"""Whether what a closed form is evaluated at are numbers of the right shape, before anything is computed with them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.closed_form import ClosedForm
from sgdtheory.errors import DomainError, ShapeError
from sgdtheory.numeric.arrays import (
    JAX,
    NUMPY,
    OPERATOR,
    SYMPY,
    as_array,
    check_square,
    is_concrete,
    kind_of,
    symmetric,
)
from sgdtheory.numeric.scalars import scalar
from sgdtheory.numeric.spectrum import Spectrum
from sgdtheory.symbols import glossary

ROUNDING = 1e-6  # of the largest entry: more than even single precision leaves of a variance that is zero


def checked(form: ClosedForm, kind: str, hessian: Any, words: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Return the Hessian and the words of a closed form: scalars as scalars, the others as arrays that fit each other.

    Parameters
    ----------
    form
        The closed form; words that it does not have are returned as they are.
    kind
        In which it is evaluated.
    hessian
        (d, d), a ``Spectrum``, an operator, or None.
    words
        The other parameters by their public words.

    Raises
    ------
    DomainError
        If an entry is no real number, or a matrix is not symmetric.
    NonFiniteError
        If one is NaN or infinite.
    ShapeError
        If a scalar is an array, or an array does not fit the Hessian.

    Examples
    --------
    >>> from sgdtheory.catalogue import results
    >>> form = results["quadratic.scalar_optimal_learning_rate"]
    >>> checked(form, "numpy", None, {"displacement": [0.5]})
    Traceback (most recent call last):
        ...
    sgdtheory.errors.DomainError: displacement is not a real number. Got: [0.5]. Allowed: one real number within the \
range of floating point. To mend: hand in a single number as displacement.
    """
    if kind == SYMPY:
        _check_unmixed({"hessian": hessian, **words})
    if hessian is not None and not isinstance(hessian, Spectrum) and kind_of(hessian) != OPERATOR:
        hessian = _matrix("hessian", hessian, kind)
    size = None if hessian is None else (hessian.matrix if isinstance(hessian, Spectrum) else hessian).shape[0]
    found = dict(words)
    for word, dimensions in _dimensions(tuple(form.parameters.items())):
        value = found.get(word)
        if word not in found or kind_of(value) == OPERATOR:
            continue
        if dimensions == 0:
            found[word] = _scalar(word, value, kind)
            continue
        found[word] = _matrix(word, value, kind) if dimensions == 2 else _array(word, value, kind, 1)
        if dimensions == 2:
            _check_variances(word, found[word])
        if size is not None and found[word].shape[0] != size:
            raise ShapeError(
                f"{word} does not fit the Hessian",
                got=f"shape {tuple(found[word].shape)}, {size} parameters",
                allowed=f"shape {(size,) * dimensions}",
                mend=f"give {word} as many rows as the Hessian has",
            )
    return hessian, found


def _check_unmixed(entries: Mapping[str, Any]) -> None:
    for word, entry in entries.items():
        if kind_of(entry) == JAX:
            raise DomainError(
                f"{word} is of JAX, beside expressions of SymPy",
                got=repr(entry)[:80],
                allowed="symbols beside Python's and NumPy's numbers",
                mend=f"hand in {word} as a number or a NumPy array, or numbers for all symbols",
            )


@lru_cache(maxsize=1024)
def _dimensions(parameters: tuple[tuple[str, tuple[sp.Symbol, ...]], ...]) -> tuple[tuple[str, int], ...]:
    """Return the words and how many dimensions each has; curvatures of modes come as the Hessian."""
    most = {word: max(len(glossary[s].indices) for s in symbols) for word, symbols in parameters}
    return tuple((word, count) for word, count in most.items() if word != "curvature" or count == 0)


def _scalar(word: str, value: Any, kind: str) -> Any:
    """Return a finite real number: an int, a float, or of SymPy or JAX; beside symbols fractions stay exact."""
    if type(value) is float and math.isfinite(value):
        return value
    number = scalar(word, value)
    if isinstance(value, int | np.integer):
        return int(value)  # its powers do not overflow
    return value if kind == SYMPY and not isinstance(value, np.generic | np.ndarray) else number


def _matrix(word: str, value: Any, kind: str) -> Any:
    matrix = _array(word, value, kind, 2)
    check_square(word, matrix)
    return symmetric(word, matrix, value)


def _check_variances(word: str, covariance: Any) -> None:
    """Refuse a covariance with a negative variance, seen at once; eigenvalues would take as long as the work."""
    if isinstance(covariance, sp.MatrixBase) or not is_concrete(covariance):
        return
    entries = np.asarray(covariance)
    variances = np.diagonal(entries)
    if variances.size and variances.min() < -ROUNDING * np.abs(entries).max():
        raise DomainError(
            f"{word} has a negative variance, so it is no covariance",
            got=f"{word} = {variances.min():.6g} on its diagonal",
            allowed="variances >= 0",
            mend="check its sign, and how it was estimated",
        )


def _array(word: str, value: Any, kind: str, dimensions: int) -> Any:
    """Return an array of the kind that was handed in; beside symbols a list may hold symbols."""
    own = kind_of(value)
    if kind == SYMPY and own == NUMPY and not isinstance(value, np.ndarray):
        own = SYMPY
    return as_array(word, value, own, dimensions)
