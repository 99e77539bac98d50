"""Least squares on an endless stream of Gaussian features."""

from __future__ import annotations

from typing import Any

from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import (
    NUMPY,
    OPERATOR,
    SYMPY,
    as_array,
    check_positive_semidefinite,
    check_square,
    dot,
    is_concrete,
    kind_of,
    symmetric,
    zeros,
)
from sgdtheory.numeric.scalars import known, scalar
from sgdtheory.problems.problem import Problem, as_point, check_same_size


class GaussianFeatures(Problem):
    """Least squares f = 1/2 (x'theta - y)^2 with y = x'theta* + noise and x Gaussian, fresh at each step.

    Parameters
    ----------
    covariance
        (d, d) covariance of the features x, which is the Hessian H; a scalar stands for d = 1.
    noise_variance
        Variance of the targets about x'theta*, >= 0.
    minimum
        (d,) minimiser theta*; zero if left out.

    NumPy arrays (or lists), SymPy matrices or JAX arrays.

    Raises
    ------
    ShapeError, DomainError, NonFiniteError
        If the covariance is none, the variance is negative, shapes differ, or a value is NaN or infinite.

    Notes
    -----
    Source: L. Ziyin, K. Liu, T. Mori and M. Ueda, Strength of minibatch noise in SGD, 2022, lemma 1 eq. (5), whose
    noise is that of a batch: the covariance of one sample's gradient is H e e'H + (e'H e) H + noise_variance H, e being
    the distance from the minimum.

    Examples
    --------
    >>> problem = GaussianFeatures([[2.0]], noise_variance=0.5)
    >>> problem.noise_at([1.0])  # 2 * 2 + 2 * 2 + 0.5 * 2
    array([[9.]])
    >>> problem.loss([1.0])
    1.0
    """

    one_curvature = False
    cure_for_flatness = "leave out the directions in which the features do not vary"

    def __init__(self, covariance: Any, noise_variance: Any, minimum: Any = None) -> None:
        self.kind = kind_of(covariance, noise_variance, minimum)
        if self.kind == OPERATOR:
            raise DomainError(
                "the covariance of Gaussian features is a linear operator",
                got="a LinearOperator or sparse matrix",
                allowed="NumPy, SymPy or JAX arrays",
                mend="hand in a dense matrix",
            )
        covariance = as_array("covariance", covariance, self.kind, 2)
        check_square("covariance", covariance)
        self.hessian = symmetric("covariance", covariance)
        check_positive_semidefinite("covariance", self.hessian)
        self.noise_variance = scalar("noise_variance", noise_variance)
        if is_concrete(self.noise_variance) and known(self.noise_variance) < 0:
            raise DomainError(
                "noise_variance is negative", got=noise_variance, allowed="a number >= 0", mend="square the deviation"
            )
        self.dimension, self.dataset_size = self.hessian.shape[0], None
        if minimum is None:
            self.minimum = zeros(self.hessian)
        else:
            self.minimum = as_array("minimum", minimum, self.kind, 1)
            check_same_size("minimum", self.minimum, "covariance", self.hessian)

    @property
    def noise(self) -> Any:
        """The (d, d) covariance of one sample's gradient at the minimum."""
        return self.noise_variance * self.hessian

    def noise_at(self, theta: Any) -> Any:
        """Return the (d, d) covariance of one sample's gradient at theta, shape (d,)."""
        offset = as_point(self, theta) - self.minimum
        bent = self.hessian @ offset
        outer = bent * bent.T if self.kind == SYMPY else bent[:, None] * bent[None, :]
        return outer + (dot(offset, bent) + self.noise_variance) * self.hessian

    def loss(self, theta: Any) -> Any:
        """Return the expected loss above its minimum at theta, shape (d,)."""
        offset = as_point(self, theta) - self.minimum
        value = dot(offset, self.hessian @ offset) / 2
        return float(value) if self.kind == NUMPY else value

    def gradient(self, theta: Any) -> Any:
        """Return the (d,) expected gradient at theta."""
        return self.hessian @ (as_point(self, theta) - self.minimum)

    def __repr__(self) -> str:
        return f"GaussianFeatures(dimension={self.dimension}, noise_variance={self.noise_variance})"
