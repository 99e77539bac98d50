"""Losses quadratic in the parameters: Hessian, minimiser and gradient covariance from the moments of the data.

The gradient of one sample is A theta + b with A and b polynomials in the data, so that three tables of expectations,
of A A, A b and b b, give the covariance of the gradient everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp

from sgdtheory.algebra.derivation import tidy
from sgdtheory.errors import DomainError
from sgdtheory.losses.data_law import DataLaw
from sgdtheory.losses.statement import Statement
from sgdtheory.numeric.arrays import solve
from sgdtheory.numeric.second_moments import GradientNoise


@dataclass(frozen=True)
class Pieces:
    """The loss of one sample, constant + slope'theta + theta' curvature theta / 2."""

    curvature: sp.ImmutableMatrix
    slope: sp.ImmutableMatrix
    constant: sp.Expr


def pieces_of(statement: Statement) -> Pieces | None:
    """Return the pieces of a loss that is quadratic in its parameters, else None.

    Raises
    ------
    DomainError
        If it does not bend in its parameters at all.
    """
    try:
        polynomial = sp.Poly(statement.loss, *statement.parameters)
    except sp.PolynomialError:
        return None
    if polynomial.total_degree() > 2:
        return None
    if polynomial.total_degree() < 2:
        raise DomainError(
            "the loss is linear in its parameters, so it has no minimum",
            got=str(statement.loss),
            allowed="losses that bend upwards",
            mend="add a penalty, or check which symbols are parameters",
        )
    gradient = statement.gradient
    at_zero = dict.fromkeys(statement.parameters, sp.Integer(0))
    return Pieces(
        sp.ImmutableMatrix(gradient.jacobian(statement.parameters)).applyfunc(sp.expand),
        sp.ImmutableMatrix(gradient.xreplace(at_zero)).applyfunc(sp.expand),
        sp.expand(statement.loss.xreplace(at_zero)),
    )


def is_polynomial(law: DataLaw, pieces: Pieces) -> bool:
    """Return whether the pieces are polynomials in the data, so that moments are enough."""
    parts = (*pieces.curvature, *pieces.slope, pieces.constant)
    return all(part.is_polynomial(*law.symbols) for part in parts)


class QuadraticModel:
    """Everything exact about a quadratic loss, in SymPy expressions."""

    def __init__(self, statement: Statement, pieces: Pieces) -> None:
        self.statement, self.pieces = statement, pieces
        self.dimension = len(statement.parameters)

    @cached_property
    def hessian(self) -> sp.ImmutableMatrix:
        """The (d, d) expected Hessian."""
        return self.pieces.curvature.applyfunc(self._expected)

    @cached_property
    def slope(self) -> sp.ImmutableMatrix:
        """The (d, 1) expected gradient at the origin."""
        return self.pieces.slope.applyfunc(self._expected)

    @cached_property
    def minimum(self) -> sp.ImmutableMatrix:
        """The (d, 1) minimiser."""
        if sp.cancel(self.hessian.det()) == 0:
            raise no_unique_minimum(str(self.hessian.tolist()))
        return sp.ImmutableMatrix(solve(self.hessian, -self.slope)).applyfunc(tidy)

    def loss_at(self, theta: sp.ImmutableMatrix) -> sp.Expr:
        """Return the expected loss."""
        bent = (theta.T * self.hessian * theta)[0] / 2
        return self._expected(self.pieces.constant) + (self.slope.T * theta)[0] + bent

    def _expected(self, expression: sp.Expr) -> sp.Expr:
        return _short(self.statement.law.expectation(expression))

    @cached_property
    def noise(self) -> GradientNoise:
        """The covariance of one sample's gradient around the minimum."""
        d, law, places = self.dimension, self.statement.law, range(self.dimension)
        entries = {(i, j): self.pieces.curvature[i, j] for i in places for j in places if i <= j}
        entries |= {(i, None): self.pieces.slope[i] for i in places}
        polynomials = {key: law.polynomial(entry) for key, entry in entries.items()}
        known: dict[Any, sp.Expr] = {}

        def product(first: Any, second: Any) -> sp.Expr:
            """Return the covariance of two entries of A and b."""
            pair = tuple(sorted((first, second), key=str))
            if pair not in known:
                one, two = (polynomials[key] for key in pair)
                apart = law.expectation(one) * law.expectation(two)
                known[pair] = _short(law.expectation(one * two) - apart)
            return known[pair]

        def curved(i: int, k: int, j: int, l: int) -> sp.Expr:  # noqa: E741
            return product((min(i, k), max(i, k)), (min(j, l), max(j, l)))

        def mixed(i: int, k: int, j: int) -> sp.Expr:
            return product((min(i, k), max(i, k)), (j, None))

        return _around(self.minimum, d, curved, mixed, lambda i, j: product((i, None), (j, None)))


def _around(
    minimum: Any, d: int, curved: Callable[..., Any], mixed: Callable[..., Any], plain: Callable[..., Any]
) -> GradientNoise:
    """Return the gradient covariance in powers of e = theta - theta*, from those of A with A, A with b, b with b."""
    places, half = range(d), sp.Rational(1, 2)

    def floor(i: int, j: int) -> sp.Expr:
        both = [curved(i, k, j, l) * minimum[k] * minimum[l] for k in places for l in places]  # noqa: E741
        one = [(mixed(i, k, j) + mixed(j, k, i)) * minimum[k] for k in places]
        return _lowest(sp.Add(plain(i, j), *both, *one))

    def coupling(i: int, j: int, k: int) -> sp.Expr:
        both = [(curved(i, k, j, l) + curved(j, k, i, l)) * minimum[l] for l in places]  # noqa: E741
        return _lowest(sp.Add(mixed(i, k, j), mixed(j, k, i), *both))

    def spread(i: int, j: int, k: int, l: int) -> sp.Expr:  # noqa: E741
        return _short(half * (curved(i, k, j, l) + curved(i, l, j, k)))

    matrix = sp.zeros(d, d)
    for i in places:
        for j in range(i, d):
            matrix[i, j] = matrix[j, i] = floor(i, j)
    return GradientNoise(
        sp.ImmutableMatrix(matrix),
        sp.ImmutableDenseNDimArray([coupling(i, j, k) for i in places for j in places for k in places], (d, d, d)),
        sp.ImmutableDenseNDimArray(
            [spread(i, j, k, l) for i in places for j in places for k in places for l in places],  # noqa: E741
            (d, d, d, d),
        ),
    )


def no_unique_minimum(got: str) -> DomainError:
    """Return the error for a Hessian without curvature in some direction."""
    return DomainError(
        "the expected Hessian is singular, so the loss has no unique minimum",
        got=got,
        allowed="positive curvature in every direction",
        mend="leave out redundant parameters, or add a penalty such as (a**2 + b**2)/100",
    )


def _short(expression: sp.Expr) -> sp.Expr:
    return expression if expression.is_Rational else sp.expand(expression)


def _lowest(expression: sp.Expr) -> sp.Expr:
    return expression if expression.is_Rational else tidy(expression)
