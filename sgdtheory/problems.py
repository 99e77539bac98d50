"""Problems: what is minimised."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import Any

import sympy as sp

from sgdtheory.errors import DomainError, ShapeError
from sgdtheory.numeric.arrays import (
    NUMPY,
    SYMPY,
    as_array,
    check_positive_semidefinite,
    check_square,
    dot,
    is_concrete,
    kind_of,
    product,
    solve,
    symmetric,
    zeros,
)
from sgdtheory.numeric.scalars import known, scalar, whole_number
from sgdtheory.numeric.spectrum import Spectrum, spectrum_of


class Problem(ABC):
    """What every problem offers the verbs.

    Attributes
    ----------
    kind
        ``"numpy"``, ``"sympy"`` or ``"jax"``: in which kind of numbers answers come.
    dimension
        Number d of parameters.
    hessian, noise
        (d, d) Hessian of the loss, and covariance of one sample's gradient at the minimum.
    minimum
        (d,) minimiser of the loss.
    dataset_size
        Number of samples, or None for an endless stream.
    exact
        Whether constant Hessian and noise describe the problem exactly, or its own law does.
    caveats
        What is approximate, in sentences.
    one_curvature
        Whether all samples share one Hessian, so that the gradient noise is the same everywhere.
    gaussian
        Whether the gradient noise is Gaussian, so that the parameters of a run are.
    whole_data_set
        Whether the noise is that of ``dataset_size`` samples, so that batches can be subsets of them.
    noise_of_training_data
        Whether the noise was measured on the training data, and is not that of the population.
    constants
        Symbols that have no value yet.
    step_caveats
        What is approximate about one step from any point.
    cure_for_flatness
        What to do about a direction without curvature.
    """

    kind: str
    dimension: int
    hessian: Any
    noise: Any
    minimum: Any
    dataset_size: Any
    exact: bool = True
    caveats: tuple[str, ...] = ()
    one_curvature: bool = True
    gaussian: bool = False
    whole_data_set: bool = True
    noise_of_training_data: bool = False
    constants: tuple[sp.Symbol, ...] = ()
    step_caveats: tuple[str, ...] = ()
    cure_for_flatness = "use transient_law for a saddle, or leave out the directions without curvature"

    @cached_property
    def spectrum(self) -> Spectrum:
        """Eigenvalues and eigenvectors of the Hessian, NumPy only."""
        return spectrum_of(self.hessian)

    @abstractmethod
    def noise_at(self, theta: Any) -> Any:
        """Return the (d, d) covariance of one sample's gradient at theta, shape (d,)."""

    @abstractmethod
    def loss(self, theta: Any) -> Any:
        """Return the loss at theta, shape (d,)."""

    @abstractmethod
    def gradient(self, theta: Any) -> Any:
        """Return the (d,) gradient of the loss at theta, shape (d,)."""


class Quadratic(Problem):
    """A quadratic loss L = 1/2 (theta - theta*)' H (theta - theta*) whose gradient carries additive noise.

    Parameters
    ----------
    hessian
        (d, d) symmetric Hessian H; a scalar stands for d = 1.
    noise
        (d, d) covariance C of one sample's gradient at the minimum.
    minimum
        (d,) minimiser theta*; zero if left out.
    dataset_size
        Number D of samples, if they are finitely many.

    All may be NumPy arrays (or lists), SymPy matrices or JAX arrays; answers come back in the same kind.

    Raises
    ------
    ShapeError, DomainError, NonFiniteError
        If a matrix is not square, not symmetric, no covariance, of another size, or holds a NaN.

    Examples
    --------
    >>> Quadratic([[2.0, 0.0], [0.0, 1.0]], [[1.0, 0.5], [0.5, 1.0]]).loss([1.0, 2.0])
    3.0
    """

    gaussian = True

    def __init__(self, hessian: Any, noise: Any, minimum: Any = None, dataset_size: Any = None) -> None:
        self.kind = kind_of(hessian, noise, minimum)
        self.hessian = self._matrix("hessian", hessian)
        self.noise = self._matrix("noise", noise)
        check_positive_semidefinite("noise", self.noise)
        self.dimension = self.hessian.shape[0]
        _same_size("noise", self.noise, "hessian", self.hessian)
        if minimum is None:
            self.minimum = zeros(self.hessian)
        else:
            self.minimum = as_array("minimum", minimum, self.kind, 1)
            _same_size("minimum", self.minimum, "hessian", self.hessian)
        self.dataset_size = check_dataset_size(dataset_size)

    def _matrix(self, name: str, value: Any) -> Any:
        matrix = as_array(name, value, self.kind, 2)
        check_square(name, matrix)
        return symmetric(name, matrix)

    def noise_at(self, theta: Any) -> Any:
        """Return the (d, d) covariance of one sample's gradient at theta: here the same everywhere."""
        as_point(self, theta)
        return self.noise

    def loss(self, theta: Any) -> Any:
        """Return the loss above its minimum at theta, shape (d,)."""
        offset = as_point(self, theta) - self.minimum
        value = dot(offset, self.hessian @ offset) / 2
        return float(value) if self.kind == NUMPY else value

    def gradient(self, theta: Any) -> Any:
        """Return the (d,) gradient at theta."""
        return self.hessian @ (as_point(self, theta) - self.minimum)

    def __repr__(self) -> str:
        size = "" if self.dataset_size is None else f", dataset_size={self.dataset_size}"
        return f"Quadratic(dimension={self.dimension}{size})"


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

    exact = False
    one_curvature = False
    noise_of_training_data = True
    cure_for_flatness = "drop redundant columns or add a penalty, for example ridge=0.01"
    caveats = (
        "each sample of least squares has its own curvature; this law takes the gradient noise at the minimum as"
        " constant, which is right only to leading order in the learning rate (from_loss gives the exact law)",
    )

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
        identity = sp.eye(self.dimension) if self.kind == SYMPY else _identity(self.dimension)
        return gram + self.ridge * identity

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


def as_point(problem: Problem, theta: Any, name: str = "theta") -> Any:
    """Return a (d,) point of a problem in the problem's kind, or in JAX if the point is."""
    kind = kind_of(theta) if problem.kind == NUMPY else problem.kind
    theta = as_array(name, theta, kind, 1)
    if theta.shape[0] != problem.dimension:
        raise ShapeError(
            f"{name} does not fit the problem",
            got=f"{theta.shape[0]} entries",
            allowed=f"{problem.dimension} entries",
            mend=f"give {name} one entry for each parameter",
        )
    return theta


def known_spectrum(problem: Problem) -> Spectrum:
    """Return the spectrum of a problem whose Hessian holds numbers, of whatever kind."""
    return problem.spectrum if problem.kind == NUMPY else spectrum_of(problem.hessian)


def check_problem(problem: Any) -> None:
    """Refuse anything that is not a problem of the library."""
    if not isinstance(problem, Problem):
        allowed = "Quadratic or LeastSquares or what from_loss returns"
        raise DomainError(
            "problem is of the wrong kind",
            got=f"{type(problem).__name__}: {problem!r:.60}",
            allowed=allowed,
            mend="hand in a problem first; check the order of the arguments",
        )


def check_dataset_size(size: Any) -> Any:
    """Return a data-set size: a positive int, a SymPy expression, or None for an endless stream."""
    return None if size is None else whole_number("dataset_size", size, least=1, mend="leave it out for endless data")


def _same_size(name: str, value: Any, other: str, reference: Any) -> None:
    if value.shape[0] != reference.shape[0]:
        raise ShapeError(
            f"{name} and {other} differ in size",
            got=f"{value.shape[0]} and {reference.shape[0]}",
            allowed="the same number of parameters",
            mend=f"check {name} and {other}",
        )


def _identity(dimension: int) -> Any:
    from sgdtheory.numeric.spectrum import identity

    return identity(dimension)
