"""Single numbers that a person handed in: real ones, and whole ones."""

from __future__ import annotations

import decimal
import numbers
import operator
from typing import Any

import numpy as np
import sympy as sp

from sgdtheory.errors import DomainError, NonFiniteError, ShapeError
from sgdtheory.numeric.arrays import JAX, is_concrete, kind_of, letter_of


def scalar(name: str, value: Any) -> Any:
    """Return a finite real scalar: SymPy and JAX ones as they were given, others as a float.

    Raises
    ------
    DomainError
        If it is no real number.
    NonFiniteError
        If it is NaN or infinite.
    ShapeError
        If it is an array of several.
    """
    if isinstance(value, sp.Basic):
        if value.has(sp.nan, sp.oo, -sp.oo, sp.zoo, sp.I) or not isinstance(value, sp.Expr):
            raise NonFiniteError(
                f"{name} is not a finite real number",
                got=str(value),
                allowed="a finite real expression",
                mend=f"hand in a real {name}",
            )
        return value
    if kind_of(value) == JAX:
        if letter_of(value.dtype) in "bcO":
            raise _no_real_number(name, value)
        if value.ndim:
            raise ShapeError(
                f"{name} is not a scalar",
                got=f"shape {value.shape}",
                allowed="one number",
                mend="use jax.vmap to map over several",
            )
        if is_concrete(value):
            _check_finite(name, float(np.asarray(value)))
        return value
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    real = isinstance(value, numbers.Real | decimal.Decimal) and not isinstance(value, bool | np.bool_)
    try:
        number = float(value) if real else None
    except OverflowError:
        number = None
    if number is None:
        raise _no_real_number(name, value)
    _check_finite(name, number)
    return number


def _no_real_number(name: str, value: Any) -> DomainError:
    return DomainError(
        f"{name} is not a real number",
        got=repr(value)[:80],
        allowed="one real number within the range of floating point",
        mend=f"hand in a single number as {name}",
    )


def _check_finite(name: str, number: float) -> None:
    if not np.isfinite(number):
        raise NonFiniteError(f"{name} is not finite", got=number, allowed="a finite number", mend=f"mend {name}")


def known(value: Any) -> Any:
    """Return a concrete number for comparisons: plain where it came from JAX, which would trace them under jit."""
    return np.asarray(value)[()] if kind_of(value) == JAX else value


def whole_number(name: str, value: Any, *, least: int, mend: str | None = None, symbols: bool = True) -> Any:
    """Return a whole number of at least ``least``: an int, or a SymPy expression or traced value as it was given.

    Raises
    ------
    DomainError
        If it is not whole, too small, or (unless ``symbols``) a symbol.
    """
    allowed = f"whole numbers {least}, {least + 1}, {least + 2}, ..."
    if isinstance(value, sp.Expr) and symbols:
        impossible = value.is_integer is False or (value - least).is_negative or value.is_real is False
        if value.has(sp.nan, sp.oo, sp.zoo) or impossible:
            raise DomainError(
                f"{name} is not a whole number >= {least}", got=value, allowed=allowed, mend=mend or f"mend {name}"
            )
        return value
    if isinstance(value, float) and not np.isfinite(value):
        raise NonFiniteError(f"{name} is not finite", got=value, allowed=allowed, mend=f"hand in {name} as an int")
    if kind_of(value) == JAX and not is_concrete(value) and value.ndim == 0:
        return value
    try:
        number = None if isinstance(value, bool | np.bool_) else operator.index(value)
    except TypeError:
        number = None
    if number is None:
        whole = isinstance(value, float) and value.is_integer()
        raise DomainError(
            f"{name} is not an integer",
            got=repr(value)[:80],
            allowed=allowed,
            mend=f"write int({value!r})" if whole else f"hand in {name} as an int",
        )
    if number < least:
        raise DomainError(
            f"{name} is not a whole number >= {least}",
            got=number,
            allowed=allowed,
            mend=mend or f"take at least {least}",
        )
    return number
