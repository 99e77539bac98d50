"""A problem in other coordinates of its parameters, theta = R phi: SGD there is SGD with the preconditioner R R'."""

from __future__ import annotations

from functools import singledispatch
from typing import Any

from sgdtheory.errors import DomainError
from sgdtheory.numeric.arrays import SYMPY, is_concrete
from sgdtheory.numeric.coordinates import divided, turned
from sgdtheory.numeric.scalars import known
from sgdtheory.problems.gaussian_features import GaussianFeatures
from sgdtheory.problems.least_squares import LeastSquares
from sgdtheory.problems.problem import Problem
from sgdtheory.problems.quadratic import Quadratic
from sgdtheory.problems.quadratic_sums import QuadraticSums

MOST_NUMBERS = 2.5e8  # in the curvatures of all samples: 2 GB


@singledispatch
def in_coordinates(problem: Problem, factor: Any) -> Problem:
    """Return the problem for phi, where theta = factor @ phi; another kind of problem registers its own.

    Parameters
    ----------
    problem
        What is minimised by theta.
    factor
        (d, d) invertible matrix R, in the kind of the problem.

    Examples
    --------
    >>> import numpy as np
    >>> in_coordinates(Quadratic([[2.0]], [[3.0]], [4.0]), np.array([[2.0]])).hessian
    array([[8.]])
    """
    raise NotImplementedError(f"preconditioners are not built yet for {type(problem).__name__}")


@in_coordinates.register
def _(problem: Quadratic, factor: Any) -> Problem:
    matrices = (turned(factor, matrix) for matrix in (problem.hessian, problem.noise))
    return Quadratic(*matrices, divided(factor, problem.minimum), problem.dataset_size)


@in_coordinates.register
def _(problem: GaussianFeatures, factor: Any) -> Problem:
    covariance = turned(factor, problem.hessian)
    return GaussianFeatures(covariance, problem.noise_variance, divided(factor, problem.minimum))


@in_coordinates.register
def _(problem: QuadraticSums, factor: Any) -> Problem:
    return QuadraticSums(turned(factor, problem.curvatures), problem.slopes @ factor)


@in_coordinates.register
def _(problem: LeastSquares, factor: Any) -> Problem:
    if is_concrete(problem.ridge) and known(problem.ridge) == 0:
        return LeastSquares(problem.X @ factor, problem.y)
    if problem.kind == SYMPY:
        raise NotImplementedError("preconditioners for ridge regression in symbols are not built; state a Quadratic")
    D, d = problem.dataset_size, problem.dimension
    if D * d**2 > MOST_NUMBERS:
        raise DomainError(
            "a penalty is another one for each direction after preconditioning, and so many samples with matrices for"
            " their curvatures take too much room",
            got=f"{D} samples of {d} parameters",
            allowed=f"at most {MOST_NUMBERS:.2g} numbers in (D, d, d)",
            mend="leave out the ridge, or take its Gaussian model, Quadratic(problem.hessian, problem.noise)",
        )
    rows = problem.X @ factor
    curvatures = rows[:, :, None] * rows[:, None, :] + problem.ridge * (factor.T @ factor)
    return QuadraticSums(curvatures, problem.y[:, None] * rows)
