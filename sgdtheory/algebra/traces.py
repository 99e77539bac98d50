"""Derivatives of scalar functions of a matrix: traces, determinants and what is made of them.

One rule for each kind of node, from the outside in. If d phi = tr(W dM) for a matrix expression M, then W is carried
to the parts of M until the variable itself is reached; a node without a rule is an error, never a zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement

from sgdtheory.errors import DomainError, check_type

_Terms = list[tuple[sp.Expr, sp.MatrixExpr]]  # a sum of scalar * matrix


def matrix_gradient(
    expression: sp.Expr, variable: sp.MatrixSymbol, *, symmetric: bool | Iterable[sp.MatrixSymbol] = False
) -> sp.MatrixExpr:
    """Return the matrix of derivatives of a scalar expression by the entries of a matrix.

    Parameters
    ----------
    expression
        Any smooth function of traces, determinants, scalar symbols and numbers; inside them sums, products,
        transposes, inverses and whole powers of matrices.
    variable
        (n, p) matrix symbol X.
    symmetric
        The matrices that are symmetric; True stands for the variable alone. Their transposes are written as
        themselves.

    Returns
    -------
    sympy.MatrixExpr
        (n, p) G with d phi = tr(G' dX), so G_ij = d phi / d X_ij. For a symmetric variable G is the symmetric matrix
        with d phi = tr(G dX) for every symmetric dX: the derivative by an off-diagonal entry, which stands at two
        places, is 2 G_ij.

    Raises
    ------
    DomainError
        If the expression is no scalar, or holds the variable in a way for which there is no rule.

    Examples
    --------
    The functional tr(S H S) - tr(Q S) of a symmetric S is stationary where the Lyapunov equation holds:

    >>> S, H, Q = (sp.MatrixSymbol(name, 3, 3) for name in "SHQ")
    >>> matrix_gradient(sp.Trace(S * H * S) - sp.Trace(Q * S), S, symmetric=[S, H, Q])
    H*S - Q + S*H
    >>> matrix_gradient(sp.log(sp.Determinant(S)), S, symmetric=True)
    S**(-1)
    >>> matrix_gradient(sp.Trace(S) ** 2, S).as_explicit()[0, 0]
    2*Trace(S)
    """
    check_type("variable", variable, sp.MatrixSymbol)
    known = _symmetric_matrices(symmetric, variable)
    if isinstance(expression, sp.MatrixExpr) and expression.shape == (1, 1):
        expression = sp.Trace(expression)
    if not isinstance(expression, sp.Expr) or isinstance(expression, sp.MatrixExpr):
        raise DomainError(
            "the expression is not a scalar",
            got=f"{type(expression).__name__}: {expression!s:.60}",
            allowed="an expression of traces, determinants and scalar symbols",
            mend="take sympy.Trace of a matrix",
        )
    terms = [(factor, _without_transposes(matrix.T, known)) for factor, matrix in _scalar(expression, variable)]
    if variable in known:
        half = sp.Rational(1, 2)
        terms = [
            (half * factor, side) for factor, matrix in terms for side in (matrix, _without_transposes(matrix.T, known))
        ]
    return _sum(terms, variable.shape)


def _symmetric_matrices(symmetric: Any, variable: sp.MatrixSymbol) -> tuple[sp.MatrixSymbol, ...]:
    if isinstance(symmetric, bool):
        symmetric = [variable] if symmetric else []
    found = tuple(symmetric) if isinstance(symmetric, list | tuple | set | frozenset) else (symmetric,)
    for matrix in found:
        check_type("symmetric", matrix, sp.MatrixSymbol)
        if matrix.rows != matrix.cols:
            raise DomainError(
                "a matrix that is not square cannot be symmetric",
                got=f"{matrix} of shape {matrix.shape}",
                allowed="square matrices",
                mend="leave it out of symmetric",
            )
    return found


def _scalar(expression: sp.Expr, variable: sp.MatrixSymbol) -> _Terms:
    """Return W, as a sum, with d expression = tr(W d variable): the chain rule over traces and determinants."""
    atoms: dict[sp.Expr, sp.Dummy] = {}
    opened = _opened(expression, atoms)
    if opened.has(variable):
        raise _no_rule(variable, expression, "an entry of the variable")
    found: _Terms = []
    for atom, dummy in atoms.items():
        outer = sp.diff(opened, dummy).xreplace({dummy: atom for atom, dummy in atoms.items()})
        if not atom.has(variable) or outer == 0:
            continue
        matrix = atom.arg
        if isinstance(atom, sp.Determinant):
            inner = _carried(matrix, sp.Inverse(matrix), variable)
            outer = outer * atom
        else:
            inner = _carried(matrix, sp.Identity(matrix.rows), variable)
        found += [(outer * factor, part) for factor, part in inner]
    return found


def _opened(expression: sp.Expr, atoms: dict[sp.Expr, sp.Dummy]) -> sp.Expr:
    """Return the expression with its outermost traces and determinants replaced by symbols."""
    if isinstance(expression, sp.Trace | sp.Determinant):
        return atoms.setdefault(expression, sp.Dummy(real=True))
    if isinstance(expression, MatrixElement) or not expression.args:
        return expression
    return expression.func(*(_opened(argument, atoms) for argument in expression.args))


def _carried(matrix: sp.MatrixExpr, W: sp.MatrixExpr, variable: sp.MatrixSymbol) -> _Terms:
    """Return V, as a sum, with tr(W d matrix) = tr(V d variable)."""
    if not matrix.has(variable):
        return []
    if matrix == variable:
        return [(sp.Integer(1), W)]
    if isinstance(matrix, sp.MatAdd):
        return [term for part in matrix.args for term in _carried(part, W, variable)]
    if isinstance(matrix, sp.MatMul):
        return _carried_product(matrix, W, variable)
    if isinstance(matrix, sp.Transpose):
        return _carried(matrix.arg, W.T, variable)
    if isinstance(matrix, sp.MatPow) and matrix.exp.is_Integer:  # an Inverse is a MatPow too
        base, power = matrix.base, int(matrix.exp)
        if power < 0:
            inverse = sp.Inverse(base)
            return [
                (-factor, part)
                for k in range(-power)
                for factor, part in _carried(base, _product(inverse ** (-power - k), W, inverse ** (k + 1)), variable)
            ]
        return [
            term
            for k in range(power)
            for term in _carried(base, _product(base ** (power - 1 - k), W, base**k), variable)
        ]
    raise _no_rule(variable, matrix, type(matrix).__name__)


def _carried_product(matrix: sp.MatMul, W: sp.MatrixExpr, variable: sp.MatrixSymbol) -> _Terms:
    factor, parts = matrix.as_coeff_matrices()
    found: _Terms = []
    for k, part in enumerate(parts):
        around = _product(*parts[k + 1 :], W, *parts[:k])
        found += [(factor * inner, V) for inner, V in _carried(part, around, variable)]
    if factor.has(variable):
        whole = sp.Trace(_product(W, *parts))
        found += [(whole * inner, V) for inner, V in _scalar(factor, variable)]
    return found


def _product(*parts: sp.MatrixExpr) -> sp.MatrixExpr:
    return sp.MatMul(*parts).doit()


def _without_transposes(matrix: sp.MatrixExpr, symmetric: tuple[sp.MatrixSymbol, ...]) -> sp.MatrixExpr:
    """Return a matrix with transposes carried down to the symbols, those of symmetric ones dropped."""
    spread = matrix.doit()
    return spread.xreplace({sp.Transpose(one): one for one in symmetric}).doit() if symmetric else spread


def _sum(terms: _Terms, shape: tuple[Any, Any]) -> sp.MatrixExpr:
    collected: dict[sp.MatrixExpr, sp.Expr] = {}
    for factor, matrix in terms:
        number, rest = matrix.as_coeff_mmul() if isinstance(matrix, sp.MatMul) else (sp.Integer(1), matrix)
        collected[rest] = collected.get(rest, sp.Integer(0)) + factor * number
    found = [factor * matrix for matrix, factor in collected.items() if factor != 0]
    return sp.MatAdd(*found).doit() if found else sp.ZeroMatrix(*shape)


def _no_rule(variable: sp.MatrixSymbol, expression: sp.Basic, kind: str) -> DomainError:
    return DomainError(
        f"there is no rule for {kind} that holds {variable}",
        got=f"{expression!s:.80}",
        allowed="sums, products, transposes, inverses and whole powers, inside traces and determinants",
        mend="write the expression with these, or use as_explicit() and sympy.diff by each entry",
    )
