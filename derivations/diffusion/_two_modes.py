"""From a formula of a pair of modes to two modes with numbers, their matrices and the correlation of their noise."""

import sympy as sp

from sgdtheory.symbols import C_11, C_22, R_12, C_ii, C_ij, C_jj, lambda_1, lambda_2, lambda_i, lambda_j


def of_two_modes(entry: sp.Expr) -> sp.Matrix:
    """Return the 2x2 matrix of an expression for the entry i, j of a symmetric matrix."""
    return sp.Matrix(
        [
            [entry.subs({lambda_j: lambda_i, C_ij: C_ii}, simultaneous=True), entry],
            [entry, entry.subs({lambda_i: lambda_j, C_ij: C_jj}, simultaneous=True)],
        ]
    )


def correlated(expression: sp.Expr) -> sp.Expr:
    """Return an expression of modes i and j for modes 1 and 2, in terms of the squared correlation of their noise."""
    shared = expression.subs(C_ij, sp.sqrt(R_12 * C_11 * C_22))
    return sp.factor(_numbered(shared))


def one_direction(expression: sp.Expr) -> sp.Expr:
    """Return an expression of modes i and j for modes 1 and 2, whose noise has one direction."""
    return _numbered(expression.subs(C_ij, sp.sqrt(C_11 * C_22)))


def _numbered(expression: sp.Expr) -> sp.Expr:
    return expression.subs({lambda_i: lambda_1, lambda_j: lambda_2, C_ii: C_11, C_jj: C_22})
