"""A stated loss in other coordinates of its parameters, for preconditioners."""

from __future__ import annotations

from typing import Any

from sgdtheory.losses.problem import SampledLoss
from sgdtheory.numeric.arrays import NUMPY, dot
from sgdtheory.numeric.coordinates import divided, in_every_place, turned
from sgdtheory.numeric.second_moments import GradientNoise
from sgdtheory.numeric.solvers.sampled_curvature import SampledCurvature, TensorCurvature
from sgdtheory.numeric.stability.problem_curvature import moments_of
from sgdtheory.problems import Problem, Quadratic, as_point
from sgdtheory.problems.coordinates import in_coordinates


class TurnedLoss(Problem):
    """A quadratic stated loss as a function of phi, where theta = R phi: its moments, not its samples."""

    kind = NUMPY

    def __init__(self, loss: SampledLoss, factor: Any) -> None:
        self._loss, self.dimension, self.dataset_size = loss, loss.dimension, loss.dataset_size
        self.exact, self.caveats, self.whole_data_set = loss.exact, loss.caveats, loss.whole_data_set
        self.one_curvature, self.cure_for_flatness = loss.one_curvature, loss.cure_for_flatness
        self.hessian, self.minimum = turned(factor, loss.hessian), divided(factor, loss.minimum)
        noise = loss.gradient_noise
        parts = (noise.floor, noise.coupling, noise.spread)
        self.gradient_noise = GradientNoise(*(in_every_place(part, factor) for part in parts))

    @property
    def noise(self) -> Any:
        """The (d, d) covariance of one sample's gradient at the minimum."""
        return self.gradient_noise.floor

    def noise_at(self, theta: Any) -> Any:
        """Return the (d, d) covariance of one sample's gradient at phi, shape (d,)."""
        offset = as_point(self, theta) - self.minimum
        return self.gradient_noise.expected(offset, offset[:, None] * offset[None, :])

    def loss(self, theta: Any) -> float:
        """Return the expected loss at phi, shape (d,)."""
        offset = as_point(self, theta) - self.minimum
        return float(self._loss.loss_at_minimum + dot(offset, self.hessian @ offset) / 2)

    def gradient(self, theta: Any) -> Any:
        """Return the (d,) expected gradient at phi."""
        return self.hessian @ (as_point(self, theta) - self.minimum)


@moments_of.register
def _(problem: TurnedLoss) -> SampledCurvature:
    return TensorCurvature(problem.hessian, problem.gradient_noise.spread)


@in_coordinates.register
def _(problem: SampledLoss, factor: Any) -> Problem:
    if problem.kind == NUMPY:
        return TurnedLoss(problem, factor)
    if not (problem.one_curvature and problem.exact):
        raise NotImplementedError("preconditioners for losses with varying curvature are built in NumPy numbers only")
    matrices = (turned(factor, matrix) for matrix in (problem.hessian, problem.noise))
    return Quadratic(*matrices, divided(factor, problem.minimum), problem.dataset_size)
