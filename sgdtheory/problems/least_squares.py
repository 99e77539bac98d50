"""Least squares on data."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import sympy as sp

from sgdtheory.errors import DomainError, ShapeError
from sgdtheory.numeric.arrays import NUMPY, SYMPY, as_array, dot, is_concrete, kind_of, product, solve
from sgdtheory.numeric.scalars import known, scalar
from sgdtheory.numeric.spectrum import identity
from sgdtheory.problems.problem import Problem, as_point


class LeastSquares(Problem):
    """Least squares on data: f_i = 1/2 (x_i'theta - y_i)^2 + 1/2 ridge |theta|^2, and L their mean.

    Parameters
    ----------
    X
        (D, d) features.
    y
        (D,) targets.
    ridge
        Non-negative weight of the penalty.

    Raises
    ------
    ShapeError, DomainError, NonFiniteError
        If shapes differ, there are no rows, a value is NaN or infinite, or ``ridge`` is negative.

    Examples
    --------
    >>> problem = LeastSquares([[1.0], [1.0]], [1.0, 3.0])
    >>> problem.minimum.round(12)
    array([2.])
    >>> problem.loss([2.0])
    0.5
    """

    one_curvature = False
    noise_of_training_data = True
    cure_for_flatness = "drop redundant columns or add a penalty, for example ridge=0.01"

    def __init__(self, X: Any, y: Any, ridge: Any = 0.0) -> None:
        self.kind = kind_of(X, y, ridge)
        self.X = as_array("X", X, self.kind, 2)
        self.y = as_array("y", y, self.kind, 1)
        if self.X.shape[0] != self.y.shape[0]:
            raise ShapeError(
                "X and y differ in their number of rows",
                got=f"{self.X.shape[0]} and {self.y.shape[0]}",
                allowed="one target for each row of X",
                mend="check how the data were split",
            )
        if 0 in self.X.shape:
            raise ShapeError(
                "X is empty",
                got=f"shape {tuple(self.X.shape)}",
                allowed="at least one row and one column",
                mend="hand in data",
            )
        self.ridge = scalar("ridge", ridge)
        if is_concrete(self.ridge) and known(self.ridge) < 0:
            raise DomainError("ridge is negative", got=ridge, allowed="ridge >= 0", mend="take 0 for no penalty")
        self.dataset_size, self.dimension = (int(n) for n in self.X.shape)

    @cached_property
    def hessian(self) -> Any:
        """The (d, d) Hessian X'X/D + ridge I."""
        gram = product("X'X", self.X.T, self.X) / self.dataset_size
        unit = sp.eye(self.dimension) if self.kind == SYMPY else identity(self.dimension)
        return gram + self.ridge * unit

    @cached_property
    def minimum(self) -> Any:
        """The (d,) minimiser; the shortest one where the Hessian is singular (NumPy)."""
        return solve(self.hessian, self.X.T @ self.y / self.dataset_size)

    @cached_property
    def noise(self) -> Any:
        """The (d, d) covariance of one sample's gradient at the minimum, divisor D."""
        return self.noise_at(self.minimum)

    def noise_at(self, theta: Any) -> Any:
        """Return the (d, d) covariance of one sample's gradient at theta, divisor D."""
        residual = self.X @ as_point(self, theta) - self.y
        mean = self.X.T @ residual / self.dataset_size
        if self.kind == SYMPY:
            weighted = sp.diag(*residual) * self.X
            return weighted.T * weighted / self.dataset_size - mean * mean.T
        weighted = residual[:, None] * self.X
        second = product("the gradient covariance", weighted.T, weighted) / self.dataset_size
        return second - mean[:, None] * mean[None, :]

    def loss(self, theta: Any) -> Any:
        """Return the training loss, penalty included, at theta of shape (d,)."""
        theta = as_point(self, theta)
        residual = self.X @ theta - self.y
        value = dot(residual, residual) / (2 * self.dataset_size) + self.ridge * dot(theta, theta) / 2
        return float(value) if self.kind == NUMPY else value

    def gradient(self, theta: Any) -> Any:
        """Return the (d,) gradient of the training loss at theta."""
        theta = as_point(self, theta)
        return self.X.T @ (self.X @ theta - self.y) / self.dataset_size + self.ridge * theta

    def __repr__(self) -> str:
        return f"LeastSquares(dataset_size={self.dataset_size}, dimension={self.dimension}, ridge={self.ridge})"
