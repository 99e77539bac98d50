"""``solve_lyapunov``: the two Lyapunov equations, in symbols.

H S + S H' = Q is the stationary covariance of a diffusion with drift -H x and noise Q; S - A S A' = Q that of the
recursion x -> A x + noise. SGD on a quadratic loss is the second with A = I - eta H; divided by eta it reads
H S + S H - eta H S H = Q / eta.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from sgdtheory.algebra.expressions import checked_expression
from sgdtheory.algebra.operator_equation import solve_operator
from sgdtheory.errors import DomainError, ShapeError, check_choice

SINGULAR = {
    False: "two eigenvalues of the matrix add to zero, h_i + h_j = 0",
    True: "two eigenvalues of the matrix multiply to one, a_i a_j = 1",
}


def solve_lyapunov(matrix: Any, right: Any, *, discrete: bool = False) -> sp.ImmutableMatrix:
    """Solve H S + S H' = Q, or with ``discrete`` S - A S A' = Q, for matrices of symbols and exact numbers.

    Parameters
    ----------
    matrix
        (d, d) H or A, symmetric or not; a SymPy matrix or rows of expressions.
    right
        (d, d) Q; the solution is symmetric if it is.
    discrete
        Which of the two equations.

    Returns
    -------
    sympy.ImmutableMatrix
        (d, d) S. Of a diagonal matrix, entry by entry: Q_ij / (h_i + h_j) or Q_ij / (1 - a_i a_j), for any d.
        Otherwise in lowest terms where that is short, for example up to the generic symmetric 3x3 of H S + S H' = Q.
        Longer ones (generic 4x4, the generic discrete 3x3) are left as sums of matrix products over one denominator;
        ``sympy.cse`` shortens those 10 to 80 times, and ``sympy.lambdify(..., cse=True)`` evaluates them.

    Raises
    ------
    ShapeError
        If a matrix is not square or the sizes differ.
    NonFiniteError
        If an entry is NaN or infinite.
    DomainError
        If the solution is not unique (h_i + h_j = 0 or a_i a_j = 1 for a pair of eigenvalues), an entry is complex,
        or one is a floating-point number: answers here are exact, so write a rational number.

    Notes
    -----
    What is not rational in the symbols, for example sqrt(a), is treated as a further symbol. Symbols are taken as
    generic: values at which the denominator vanishes are not excluded.

    Source: A. Jameson, Solution of the equation AX + XB = C by inversion of an M x M or N x N matrix, SIAM J. Appl.
    Math. 16 (1968) 1020-1023: the solution as a polynomial in H from left and right.

    Examples
    --------
    >>> h1, h2, q = sp.symbols("h1 h2 q")
    >>> solve_lyapunov([[h1, 0], [0, h2]], [[1, q], [q, 1]])
    Matrix([
    [   1/(2*h1), q/(h1 + h2)],
    [q/(h1 + h2),    1/(2*h2)]])
    >>> solve_lyapunov([[2, 1], [1, 2]], [[1, 0], [0, 1]])
    Matrix([
    [ 1/3, -1/6],
    [-1/6,  1/3]])
    """
    check_choice("discrete", discrete, (False, True))
    H, Q = checked_pair(matrix, right)
    if H.is_diagonal():
        return _by_entries(H, Q, discrete)
    terms = [(1, 0, 0), (-1, 1, 1)] if discrete else [(1, 1, 0), (1, 0, 1)]
    return solve_operator(terms, H, Q, singular=SINGULAR[discrete])


def _by_entries(H: sp.ImmutableMatrix, Q: sp.ImmutableMatrix, discrete: bool) -> sp.ImmutableMatrix:
    def divisor(i: int, j: int) -> sp.Expr:
        found = 1 - H[i, i] * H[j, j] if discrete else H[i, i] + H[j, j]
        if sp.expand(found) == 0 or (not found.free_symbols and found.equals(0)):
            raise DomainError(
                f"{SINGULAR[discrete]}, so there is no unique solution",
                got=f"the diagonal entries {H[i, i]} and {H[j, j]} of rows {i} and {j}",
                allowed="eigenvalues with no such pair",
                mend="leave out the directions in which nothing is forgotten",
            )
        return found

    return sp.ImmutableMatrix(H.rows, H.cols, lambda i, j: Q[i, j] / divisor(min(i, j), max(i, j)))


def checked_pair(matrix: Any, right: Any) -> tuple[sp.ImmutableMatrix, sp.ImmutableMatrix]:
    """Return two square matrices of one size, of real and exact expressions, or refuse."""
    H, Q = _checked("matrix", matrix), _checked("right", right)
    if H.shape != Q.shape:
        raise ShapeError(
            "matrix and right have different sizes",
            got=f"{H.rows} x {H.cols} and {Q.rows} x {Q.cols}",
            allowed="two square matrices of one size",
            mend="hand in one row and column of each for every coordinate",
        )
    return H, Q


def _checked(name: str, value: Any) -> sp.ImmutableMatrix:
    if not isinstance(value, sp.MatrixBase | list | tuple):
        raise DomainError(
            f"{name} is not a matrix of expressions",
            got=f"{type(value).__name__}: {value!r:.60}",
            allowed="a SymPy matrix, or rows of expressions",
            mend="call as_explicit() on a MatrixSymbol; hand in both matrices as expressions, or both as arrays",
        )
    rows = value.tolist() if isinstance(value, sp.MatrixBase) else [_row(name, row) for row in value]
    if not rows or {len(row) for row in rows} != {len(rows)}:
        raise ShapeError(
            f"{name} is not square",
            got=f"{len(rows)} rows of lengths {sorted({len(row) for row in rows})}",
            allowed="d rows of d entries, d >= 1",
            mend=f"hand in one row and one column of {name} for every coordinate",
        )
    return sp.ImmutableMatrix(
        [
            [checked_entry(f"entry ({i}, {j}) of {name}", entry) for j, entry in enumerate(row)]
            for i, row in enumerate(rows)
        ]
    )


def _row(name: str, row: Any) -> list[Any]:
    if not isinstance(row, list | tuple):
        raise ShapeError(
            f"{name} is not made of rows",
            got=f"{type(row).__name__}: {row!r:.60}",
            allowed="a list of d rows of d entries",
            mend="write [[h]] for d = 1",
        )
    return list(row)


def checked_entry(name: str, value: Any) -> sp.Expr:
    """Return a real and exact expression, or refuse."""
    entry = checked_expression(name, value)
    if entry.has(sp.I):
        raise DomainError(
            f"{name} is complex",
            got=f"{entry!s:.60}",
            allowed="real expressions",
            mend="write real and imaginary parts as separate coordinates",
        )
    if entry.has(sp.Float):
        raise DomainError(
            f"{name} is a floating-point number",
            got=entry,
            allowed="exact numbers and symbols; the answer is exact",
            mend="write sympy.Rational('0.1') for 0.1, or sympy.nsimplify(matrix, rational=True)",
        )
    return entry
