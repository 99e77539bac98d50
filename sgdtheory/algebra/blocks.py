"""Linear systems in blocks: unknowns that drive each other are solved together, one block after the other."""

from __future__ import annotations

from collections.abc import Sequence

import sympy as sp
from sympy.polys.matrices import DomainMatrix
from sympy.polys.matrices.exceptions import DMNonInvertibleMatrixError

from sgdtheory.algebra.expressions import checked_expression, listed
from sgdtheory.errors import DomainError, check_type


def blocks(matrix: sp.MatrixBase) -> list[list[int]]:
    """Return the groups of rows that drive each other, each after those that drive it.

    Examples
    --------
    >>> blocks(sp.Matrix([[1, 0, 5], [0, 2, 3], [0, 4, 1]]))
    [[1, 2], [0]]
    """
    return [sorted(block) for block in DomainMatrix.from_Matrix(matrix).scc()]


def characteristic_factors(
    matrix: sp.MatrixBase, block: Sequence[int], unknown: sp.Symbol
) -> list[tuple[sp.Poly, int]]:
    """Return the irreducible factors of a block's characteristic polynomial, each led by one, and their multiplicities.

    Examples
    --------
    >>> z = sp.Symbol("z")
    >>> [factor.as_expr() for factor, _ in characteristic_factors(sp.Matrix([[1, 2], [2, 1]]), [0, 1], z)]
    [z - 3, z + 1]
    """
    part = DomainMatrix.from_Matrix(matrix.extract(list(block), list(block))).to_field()
    values = [part.domain.to_sympy(value) for value in part.charpoly()]
    numerator, _ = sp.together(sp.Poly(values, unknown).as_expr()).as_numer_denom()
    factors = [(sp.Poly(factor, unknown), count) for factor, count in sp.factor_list(numerator, unknown)[1]]
    return [
        (sp.Poly([sp.cancel(c / factor.LC()) for c in factor.all_coeffs()], unknown), count)
        for factor, count in factors
        if factor.degree()
    ]


def linear_solution(matrix: sp.MatrixBase, right: Sequence[sp.Expr], unknowns: Sequence[sp.Expr] = ()) -> list[sp.Expr]:
    """Return the solution of a linear system, each entry factored; ``unknowns`` are named if there is none.

    Raises
    ------
    DomainError
        If the matrix is singular, or no matrix, or an entry on the right no expression.

    Examples
    --------
    >>> linear_solution(sp.Matrix([[2, 1], [0, 4]]), [3, 4])
    [1, 1]
    """
    check_type("matrix", matrix, sp.MatrixBase)
    given = sp.Matrix([checked_expression("an entry on the right", entry) for entry in listed(right)])
    left, column = DomainMatrix.from_Matrix(matrix).unify(DomainMatrix.from_Matrix(given))
    left, column = left.to_field(), column.to_field()
    try:
        numerator, denominator = left.solve_den(column)
    except DMNonInvertibleMatrixError:
        raise DomainError(
            "there is no unique stationary solution",
            got=f"{', '.join(map(str, unknowns)) or 'a system'} with an eigenvalue one",
            allowed="processes that forget their start",
            mend="look at stability_condition(), or use transient()",
        ) from None
    domain = numerator.domain
    below = domain.to_sympy(denominator)
    return [sp.factor(domain.to_sympy(value) / below) for value in numerator.to_list_flat()]
