"""Read one entry of the data's law: a distribution, moments, a covariance or samples."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from sgdtheory.algebra.expressions import checked_expression
from sgdtheory.algebra.parser import parse
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError
from sgdtheory.losses.blocks import Block, Gaussian, Moments, Powers, Samples, Univariate
from sgdtheory.numeric.arrays import NUMPY, SYMPY, as_array, check_positive_semidefinite, check_square, symmetric
from sgdtheory.numeric.scalars import scalar

Symbols = tuple[sp.Symbol, ...]
ALLOWED = (
    "a sympy.stats distribution, a dictionary of moments, a SymPy matrix (covariance, mean zero) or an array of samples"
)


def rationalised(expression: Any) -> Any:
    """Return an expression or matrix with its decimal numbers read as the fractions that they spell."""
    floats = {number: sp.Rational(repr(float(number))) for number in expression.atoms(sp.Float)}
    return expression.xreplace(floats) if floats else expression


def block_of(symbols: Symbols, value: Any) -> Block:
    """Return the law of some symbols from what a person handed in."""
    from sympy.stats.rv import RandomSymbol

    name = _name(symbols)
    if isinstance(value, RandomSymbol):
        return _distribution(symbols, value, name)
    if isinstance(value, Mapping):
        return Moments(symbols, _table(symbols, value, name))
    if isinstance(value, sp.MatrixBase):
        return _covariance(symbols, value, name)
    if isinstance(value, sp.Basic | str | float | int | complex) or value is None or callable(value):
        raise DomainError(
            f"the law of {name} is of the wrong kind",
            got=f"{type(value).__name__}: {value!r:.60}",
            allowed=ALLOWED,
            mend=f"write, for example, {{{name}: sympy.stats.Normal('{symbols[0]}', 0, 1)}}",
        )
    return _samples(symbols, value, name)


def _name(symbols: Symbols) -> str:
    return str(symbols[0]) if len(symbols) == 1 else f"({', '.join(map(str, symbols))})"


def _distribution(symbols: Symbols, value: Any, name: str) -> Block:
    from sympy.stats.joint_rv_types import MultivariateNormalDistribution
    from sympy.stats.rv import RandomSymbol, SinglePSpace

    distribution = getattr(value.pspace, "distribution", None)
    if isinstance(distribution, MultivariateNormalDistribution):
        mean, covariance = (rationalised(sp.ImmutableMatrix(part)) for part in distribution.args[:2])
        _check_size(symbols, len(mean), f"the distribution of {name}")
        return Gaussian(symbols, mean, covariance)
    single = isinstance(value.pspace, SinglePSpace) and not distribution.atoms(RandomSymbol)
    if not single:
        raise DomainError(
            f"the distribution of {name} is not one that the library knows",
            got=f"{type(distribution).__name__}: {value!r:.60}",
            allowed="distributions of one variable whose parameters are not random, and MultivariateNormal",
            mend="give its moments as a dictionary, or an array of samples",
        )
    _check_size(symbols, 1, f"the distribution of {name}")
    if distribution.has(sp.I, sp.nan, sp.oo, -sp.oo, sp.zoo):
        raise NonFiniteError(
            f"the distribution of {name} has a parameter that is no finite real number",
            got=str(distribution),
            allowed="finite real parameters",
            mend="check its parameters",
        )
    exact = rationalised(distribution)
    pspace = value.pspace.func(value.pspace.symbol, exact)
    return Univariate(symbols, pspace.value)


def _table(symbols: Symbols, given: Mapping[Any, Any], name: str) -> dict[Powers, sp.Expr]:
    table: dict[Powers, sp.Expr] = {}
    for key, value in given.items():
        powers = _powers(symbols, key, name)
        what = f"the moment {_shown(key)} of {name}"
        # The type comes first: SymPy would run text as code, also inside tuples and sets.
        exact = isinstance(value, sp.Basic | int | Fraction) and not isinstance(value, bool)
        number = checked_expression(what, value if exact else float(scalar(what, value)))
        if number.has(sp.I):
            raise NonFiniteError(f"{what} is not real", got=number, allowed="real expressions", mend="check it")
        table[powers] = rationalised(number)
    return table


def _shown(key: Any) -> str:
    return str(key)[:40]


def _powers(symbols: Symbols, key: Any, name: str) -> Powers:
    if isinstance(key, int) and not isinstance(key, bool):
        key = (key,)
    if isinstance(key, str):
        key = parse(key, {symbol.name: symbol for symbol in symbols}, strict=True)
    if isinstance(key, sp.Expr) and not key.is_Integer:
        try:
            polynomial = sp.Poly(key, *symbols)
        except sp.PolynomialError:
            polynomial = None
        if polynomial is not None and polynomial.terms()[1:] == [] and polynomial.LC() == 1:
            return polynomial.monoms()[0]
    elif isinstance(key, sp.Integer):
        key = (int(key),)
    if isinstance(key, tuple) and len(key) == len(symbols) and all(type(p) is int and p >= 0 for p in key):
        return key
    raise DomainError(
        f"a key of the moments of {name} is no monomial",
        got=repr(key)[:60],
        allowed=f"monomials such as {symbols[0]}**2, or exponents such as {2 if len(symbols) == 1 else (2, 0)}",
        mend="write, for example, {x: {1: 0, 2: 1, 4: 3}} or {(x, y): {x*y: 1}}",
    )


def _covariance(symbols: Symbols, value: sp.MatrixBase, name: str) -> Block:
    matrix = rationalised(as_array(f"the covariance of {name}", value, SYMPY, 2))
    check_square(f"the covariance of {name}", matrix)
    _check_size(symbols, matrix.rows, f"the covariance of {name}")
    symmetric(f"the covariance of {name}", matrix)
    check_positive_semidefinite(f"the covariance of {name}", matrix)
    units = [tuple(int(i == j) for j in range(len(symbols))) for i in range(len(symbols))]
    table: dict[Powers, sp.Expr] = dict.fromkeys(units, sp.Integer(0))
    for i, first in enumerate(units):
        for j, second in enumerate(units):
            table[tuple(a + b for a, b in zip(first, second, strict=True))] = matrix[i, j]
    return Moments(symbols, table, "mean and covariance")


def _samples(symbols: Symbols, value: Any, name: str) -> Block:
    rows = as_array(f"the samples of {name}", value, NUMPY, getattr(value, "ndim", 0) or _depth(value))
    flat = rows.ndim == 1
    if flat and len(symbols) == 1:
        rows = rows[:, None]
    if rows.ndim != 2 or rows.shape[1] != len(symbols) or not rows.size:
        wanted = "(D,)" if len(symbols) == 1 else f"(D, {len(symbols)})"
        raise ShapeError(
            f"the samples of {name} have the wrong shape",
            got=f"shape {rows.shape}",
            allowed=f"shape {wanted}: one row for each sample, one column for each symbol",
            mend="transpose it, or give one symbol for each column",
        )
    square = len(rows) == rows.shape[1] and (rows == rows.T).all()
    if square and not (rows.size == 1 and flat):
        raise DomainError(
            f"the array for {name} may be a covariance or as many samples as symbols",
            got=f"a symmetric array of shape {rows.shape}",
            allowed="a covariance as sympy.Matrix, or more samples than symbols",
            mend="wrap a covariance in sympy.Matrix",
        )
    return Samples(symbols, rows)


def _depth(value: Any) -> int:
    depth = 0
    while isinstance(value, list | tuple) and value:
        value, depth = value[0], depth + 1
    return max(depth, 1)


def _check_size(symbols: Symbols, size: int, what: str) -> None:
    if len(symbols) != size:
        raise ShapeError(
            f"{what} does not fit its symbols",
            got=f"{size} for {len(symbols)}: {', '.join(map(str, symbols))}",
            allowed="as many components as symbols",
            mend="give a tuple with one symbol for each component as the key",
        )
