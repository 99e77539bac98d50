"""A quadratic loss with additive gradient noise."""

from __future__ import annotations

from typing import Any

from sgdtheory.numeric.arrays import (
    NUMPY,
    OPERATOR,
    as_array,
    check_positive_semidefinite,
    check_probing,
    check_square,
    dot,
    kind_of,
    symmetric,
    zeros,
)
from sgdtheory.problems.problem import Problem, as_point, check_dataset_size, check_same_size

OPERATOR_CAVEATS = (
    "of an operator only the ends of the spectrum are seen: an eigenvalue that is not positive, small and alone, may"
    " escape notice",
)


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
    probing
        For operators only: a ``numeric.matrix_free.stochastic_trace.Probing``, which says how traces are estimated.

    All may be NumPy arrays (or lists), SymPy matrices or JAX arrays; answers come back in the same kind. Hessian and
    noise may also be ``scipy.sparse.linalg.LinearOperator`` or sparse matrices, for problems too large for arrays: then
    expectations are ``Estimate`` with standard errors, and covariances are ``LinearOperator``.

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

    def __init__(
        self, hessian: Any, noise: Any, minimum: Any = None, dataset_size: Any = None, *, probing: Any = None
    ) -> None:
        self.kind = kind_of(hessian, noise, minimum)
        self.dataset_size = check_dataset_size(dataset_size)
        check_probing(self.kind, probing)
        if self.kind == OPERATOR:
            from sgdtheory.problems.operators import checked_operators  # loads the sparse part of SciPy

            self.hessian, self.noise, self.minimum = checked_operators(hessian, noise, minimum, probing)
            self.dimension, self.caveats = self.hessian.shape[0], OPERATOR_CAVEATS
            return
        self.hessian = self._matrix("hessian", hessian)
        self.noise = self._matrix("noise", noise)
        check_positive_semidefinite("noise", self.noise)
        self.dimension = self.hessian.shape[0]
        check_same_size("noise", self.noise, "hessian", self.hessian)
        if minimum is None:
            self.minimum = zeros(self.hessian)
        else:
            self.minimum = as_array("minimum", minimum, self.kind, 1)
            check_same_size("minimum", self.minimum, "hessian", self.hessian)

    def _matrix(self, name: str, value: Any) -> Any:
        matrix = as_array(name, value, self.kind, 2)
        check_square(name, matrix)
        return symmetric(name, matrix, value)

    def noise_at(self, theta: Any) -> Any:
        """Return the (d, d) covariance of one sample's gradient at theta: here the same everywhere."""
        as_point(self, theta)
        return self.noise

    def loss(self, theta: Any) -> Any:
        """Return the loss above its minimum at theta, shape (d,)."""
        offset = as_point(self, theta) - self.minimum
        value = dot(offset, self.hessian @ offset) / 2
        return float(value) if self.kind in (NUMPY, OPERATOR) else value

    def gradient(self, theta: Any) -> Any:
        """Return the (d,) gradient at theta."""
        return self.hessian @ (as_point(self, theta) - self.minimum)

    def __repr__(self) -> str:
        size = "" if self.dataset_size is None else f", dataset_size={self.dataset_size}"
        return f"Quadratic(dimension={self.dimension}{size})"
