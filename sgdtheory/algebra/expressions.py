"""What a person may hand in as an expression. Text is refused, not parsed: SymPy would run it as code."""

from __future__ import annotations

from numbers import Real
from typing import Any

import sympy as sp

from sgdtheory.errors import DomainError, NonFiniteError


def checked_expression(name: str, value: Any) -> sp.Expr:
    """Return a finite commuting expression; Python's numbers become SymPy's.

    Parameters
    ----------
    name
        What it is, for the error.
    value
        A SymPy expression, or a real number: an int, a float, a fraction or one of NumPy's.

    Raises
    ------
    DomainError
        If it is anything else, text above all.
    NonFiniteError
        If it holds a NaN or an infinity.

    Examples
    --------
    >>> checked_expression("the rate", 3) / 4
    3/4
    """
    if isinstance(value, Real) and not isinstance(value, bool | sp.Basic):
        value = sp.sympify(value, strict=True)
    if not isinstance(value, sp.Expr) or not getattr(value, "is_commutative", False):
        raise DomainError(
            f"{name} is no expression",
            got=f"{type(value).__name__}: {value!s:.60}",
            allowed="numbers, and SymPy expressions of commuting symbols",
            mend="make symbols with sympy.Symbol",
        )
    if value.has(sp.nan, sp.oo, -sp.oo, sp.zoo):
        raise NonFiniteError(f"{name} is not finite", got=value, allowed="finite expressions", mend=f"replace {name}")
    return value


def listed(value: Any) -> list[Any]:
    """Return the entries of a matrix, list or tuple; anything else is one entry."""
    return list(value) if isinstance(value, sp.MatrixBase | list | tuple) else [value]
