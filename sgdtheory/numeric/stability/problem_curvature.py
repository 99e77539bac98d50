"""The curvatures of a problem's samples: their first two moments, and what they are drawn from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from sgdtheory.numeric.arrays import NUMPY, OPERATOR
from sgdtheory.numeric.solvers.sampled_curvature import (
    GaussianCurvature,
    MatrixCurvature,
    RankOneCurvature,
    SampledCurvature,
    SharedCurvature,
)
from sgdtheory.problems import GaussianFeatures, LeastSquares, Problem, Quadratic, QuadraticSums


@dataclass(frozen=True, eq=False)
class DrawnCurvature:
    """Curvatures that can only be drawn, as those of a stated loss with random data.

    Attributes
    ----------
    draw
        ``draw(rng, count)`` returns (count, d, d).
    cubes
        ``cubes()`` returns the (d, d) mean of (A_i - H)^3.
    """

    draw: Callable[[np.random.Generator, int], np.ndarray]
    cubes: Callable[[], np.ndarray]

    def turned(self, vectors: np.ndarray) -> DrawnCurvature:
        """Return the same in other coordinates."""
        return DrawnCurvature(
            lambda rng, count: vectors.T @ self.draw(rng, count) @ vectors,
            lambda: vectors.T @ self.cubes() @ vectors,
        )


Samples = RankOneCurvature | MatrixCurvature | GaussianCurvature | DrawnCurvature


def curvature_of(problem: Problem) -> SampledCurvature:
    """Return the mean and spread of the samples' curvatures, in NumPy.

    Examples
    --------
    >>> curvature_of(LeastSquares([[1.0], [2.0]], [0.0, 1.0])).spread(np.eye(1))  # the variance of 1 and 4
    array([[2.25]])
    """
    if problem.kind not in (NUMPY, OPERATOR):
        raise NotImplementedError(
            f"what random curvature does is not built yet for problems in {problem.kind}; hand in NumPy arrays, or ask"
            " for the limit of the mean, kind='mean'"
        )
    return moments_of(problem)


@singledispatch
def moments_of(problem: Problem) -> SampledCurvature:
    """Return the mean and spread of the samples' curvatures; another kind of problem registers its own."""
    raise NotImplementedError(f"random curvature is not built yet for {type(problem).__name__}")


@moments_of.register
def _(problem: Quadratic) -> SampledCurvature:
    return SharedCurvature(problem.hessian)


@moments_of.register
def _(problem: QuadraticSums) -> SampledCurvature:
    return SharedCurvature(problem.hessian) if problem.one_curvature else MatrixCurvature(problem.curvatures)


@moments_of.register
def _(problem: LeastSquares) -> SampledCurvature:
    return RankOneCurvature(problem.X, problem.ridge)


@moments_of.register
def _(problem: GaussianFeatures) -> SampledCurvature:
    return GaussianCurvature(problem.hessian)


@singledispatch
def samples_of(problem: Problem) -> Samples:
    """Return what single curvatures can be drawn from; a problem whose moments do not say registers its own."""
    found = curvature_of(problem)
    assert not isinstance(found, SharedCurvature), "where all samples are alike there is nothing to draw"
    return found
