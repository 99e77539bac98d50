"""Numbers and arrays of exact fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from sympy.polys.domains import QQ
from sympy.polys.matrices import DomainMatrix


def fraction(value: Any) -> Fraction:
    """Return a number as a fraction: exact if it is rational, else to 50 digits."""
    number = sp.sympify(value)
    if not number.is_Rational:
        number = sp.Rational(str(sp.N(number, 50)))
    return Fraction(int(number.p), int(number.q))


def exact(value: Any) -> Any:
    """Return a number as a fraction, a SymPy matrix as an array of them, a tuple as one of these."""
    if isinstance(value, tuple):
        return tuple(map(exact, value))
    return fractions(value) if isinstance(value, sp.MatrixBase) else fraction(value)


def fractions(matrix: sp.Matrix) -> np.ndarray:
    """Return a SymPy matrix as an object array of fractions."""
    return np.array([[fraction(entry) for entry in row] for row in matrix.tolist()], dtype=object)


def zeros(*shape: int) -> np.ndarray:
    """Return an array of fractions, all zero."""
    return np.full(shape, Fraction(0), dtype=object)


def identity(n: int) -> np.ndarray:
    """Return the (n, n) identity in fractions."""
    found = zeros(n, n)
    found[range(n), range(n)] = Fraction(1)
    return found


def solve(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return the solution (n,) of a linear system in fractions."""

    def rational(value: Fraction) -> Any:
        return QQ(value.numerator, value.denominator)

    left = DomainMatrix([[rational(x) for x in row] for row in matrix], matrix.shape, QQ)
    column = DomainMatrix([[rational(x)] for x in right], (len(right), 1), QQ)
    solution = left.lu_solve(column).to_list()
    return np.array([Fraction(int(row[0].numerator), int(row[0].denominator)) for row in solution], dtype=object)
