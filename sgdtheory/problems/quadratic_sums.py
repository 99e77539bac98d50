"""A finite sum of quadratic functions, each with its own curvature."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from sgdtheory.errors import DomainError, ShapeError
from sgdtheory.numeric.arrays import NUMPY, SYMPY, as_array, dot, is_concrete, kind_of, shape_of, solve, symmetric
from sgdtheory.problems.problem import Problem, as_point


class QuadraticSums(Problem):
    """A finite sum of quadratics: f_i = 1/2 theta'A_i theta - b_i'theta, and L their mean.

    Parameters
    ----------
    curvatures
        (D, d, d) symmetric matrices A_i; one matrix (d, d) stands for a curvature that all samples share.
    slopes
        (D, d) vectors b_i.

    NumPy or JAX arrays.

    Raises
    ------
    ShapeError, DomainError, NonFiniteError
        If shapes differ, a curvature is not symmetric, a value is NaN or infinite, or symbols are handed in.

    Notes
    -----
    The A_i may have negative eigenvalues; laws ask only that their mean, the Hessian, is positive definite.

    Examples
    --------
    >>> problem = QuadraticSums([[[1.0]], [[3.0]]], [[1.0], [1.0]])
    >>> problem.hessian.item(), round(problem.minimum.item(), 12)
    (2.0, 0.5)
    >>> round(problem.noise.item(), 12)  # the mean square of 1 * 0.5 - 1 and 3 * 0.5 - 1
    0.25
    """

    noise_of_training_data = True

    def __init__(self, curvatures: Any, slopes: Any) -> None:
        self.kind = kind_of(curvatures, slopes)
        if self.kind == SYMPY:
            raise DomainError(
                "sums of quadratics are made of numbers",
                got="symbols",
                allowed="NumPy or JAX arrays",
                mend="state the loss with sgdtheory.from_loss to use symbols",
            )
        self.slopes = as_array("slopes", slopes, self.kind, 2)
        if 0 in self.slopes.shape:
            raise ShapeError(
                "slopes is empty",
                got=f"shape {tuple(self.slopes.shape)}",
                allowed="at least one row and one column",
                mend="hand in one row for each sample",
            )
        self.dataset_size, self.dimension = (int(n) for n in self.slopes.shape)
        shared = len(shape_of(curvatures)) == 2
        curvatures = as_array("curvatures", curvatures, self.kind, 2 if shared else 3)
        D, d = self.dataset_size, self.dimension
        if curvatures.shape != ((d, d) if shared else (D, d, d)):
            raise ShapeError(
                "curvatures do not fit the slopes",
                got=f"curvatures {tuple(curvatures.shape)}, slopes {(D, d)}",
                allowed=f"curvatures of shape {(D, d, d)}, or {(d, d)} for one that all samples share",
                mend="hand in one matrix and one vector for each sample",
            )
        self.curvatures = symmetric("curvatures", curvatures)
        alike = is_concrete(self.curvatures) and bool((self.curvatures == self.curvatures[0]).all())
        self.one_curvature = shared or alike

    cure_for_flatness = "leave out the directions without curvature, or add a penalty to every curvature"

    @cached_property
    def hessian(self) -> Any:
        """The (d, d) Hessian: the mean of the curvatures."""
        return self.curvatures if self.curvatures.ndim == 2 else self.curvatures.mean(axis=0)

    @cached_property
    def minimum(self) -> Any:
        """The (d,) minimiser; the shortest one where the Hessian is singular (NumPy)."""
        return solve(self.hessian, self.slopes.mean(axis=0))

    @cached_property
    def noise(self) -> Any:
        """The (d, d) covariance of one sample's gradient at the minimum, divisor D."""
        return self.noise_at(self.minimum)

    def sample_gradients(self, theta: Any) -> Any:
        """Return the (D, d) gradients of the samples at theta, shape (d,)."""
        return self.curvatures @ as_point(self, theta) - self.slopes

    def noise_at(self, theta: Any) -> Any:
        """Return the (d, d) covariance of one sample's gradient at theta, divisor D."""
        gradients = self.sample_gradients(theta)
        centred = gradients - gradients.mean(axis=0)
        return centred.T @ centred / self.dataset_size

    def loss(self, theta: Any) -> Any:
        """Return the mean loss at theta, shape (d,)."""
        theta = as_point(self, theta)
        value = dot(theta, self.hessian @ theta) / 2 - dot(self.slopes.mean(axis=0), theta)
        return float(value) if self.kind == NUMPY and kind_of(value) == NUMPY else value

    def gradient(self, theta: Any) -> Any:
        """Return the (d,) gradient of the mean loss at theta."""
        return self.hessian @ as_point(self, theta) - self.slopes.mean(axis=0)

    def __repr__(self) -> str:
        shared = ", one curvature" if self.one_curvature else ""
        return f"QuadraticSums(dataset_size={self.dataset_size}, dimension={self.dimension}{shared})"
