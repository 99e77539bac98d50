"""The gradient noise of one sample about the minimum, where it depends on the parameters.

With e = theta - theta*, and with g_i and A_i the gradient there and the curvature of sample i, the covariance of
(A_i - H) e + g_i over the samples is

    C + coupling(e) + spread(e e'),    coupling(e) = mean (A_i e) g_i' + g_i (A_i e)',

since the g_i add up to zero. Averaged over runs the coupling sees E[e], so it matters while a run is under way only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from sgdtheory.numeric.solvers.sampled_curvature import SampledCurvature
from sgdtheory.numeric.stability.problem_curvature import curvature_of
from sgdtheory.problems import GaussianFeatures, LeastSquares, Problem, QuadraticSums

Coupling = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class SampleNoise:
    """The covariance of one sample's gradient as a polynomial of degree two in e.

    Attributes
    ----------
    floor
        (d, d): at the minimum.
    curvature
        The samples' curvatures, one of ``numeric.solvers.sampled_curvature``.
    coupling
        From e, (d,), to (d, d); None where it vanishes.
    """

    floor: np.ndarray
    curvature: SampledCurvature
    coupling: Coupling | None = None

    def turned(self, vectors: np.ndarray) -> SampleNoise:
        """Return the same in the coordinates vectors' e, for orthonormal columns (d, n)."""
        coupling = self.coupling
        within = None if coupling is None else lambda e: vectors.T @ coupling(vectors @ e) @ vectors
        return SampleNoise(vectors.T @ self.floor @ vectors, self.curvature.turned(vectors), within)


def sample_noise(problem: Problem) -> SampleNoise:
    """Return the noise of a problem in NumPy numbers.

    Examples
    --------
    >>> noise = sample_noise(LeastSquares([[1.0], [2.0]], [0.0, 5.0]))  # minimum at 2
    >>> noise.floor, noise.coupling(np.array([1.0])), noise.curvature.spread(np.eye(1))
    (array([[4.]]), array([[-6.]]), array([[2.25]]))
    """
    return SampleNoise(problem.noise, curvature_of(problem), coupling_of(problem))


@singledispatch
def coupling_of(problem: Problem) -> Coupling | None:
    """Return the coupling of a problem's samples: what changes sign with e in the covariance of their gradients."""
    if problem.one_curvature:
        return None
    minimum = problem.minimum
    return lambda e: (problem.noise_at(minimum + e) - problem.noise_at(minimum - e)) / 2


@coupling_of.register
def _(problem: GaussianFeatures) -> Coupling | None:
    return None  # the targets' noise is independent of the features and has mean zero


@coupling_of.register
def _(problem: LeastSquares) -> Coupling | None:
    X, minimum = problem.X, problem.minimum
    gradients = X * (X @ minimum - problem.y)[:, None] + problem.ridge * minimum
    return lambda e: _both((X * (X @ e)[:, None]).T @ gradients / len(X))  # the ridge is common to all samples


@coupling_of.register
def _(problem: QuadraticSums) -> Coupling | None:
    if problem.one_curvature:
        return None
    A, gradients = problem.curvatures, problem.sample_gradients(problem.minimum)
    return lambda e: _both((A @ e).T @ gradients / len(A))


def _both(matrix: np.ndarray) -> np.ndarray:
    return matrix + matrix.T
