"""What every backend runs: the mini-batch gradient about the minimum, and the optimizer's knobs.

States are offsets e = theta - theta*, so that digits are not lost where the minimum lies far from zero. Each model is
affine in e. Its fields are float64 NumPy arrays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

import numpy as np

from sgdtheory.numeric.batch_noise import batch_noise
from sgdtheory.numeric.sampling import square_root
from sgdtheory.optimizers import SGD
from sgdtheory.problems import GaussianFeatures, LeastSquares, Problem, Quadratic, QuadraticSums


@dataclass(frozen=True, eq=False)
class GaussianModel:
    """The gradient ``hessian @ e + root @ z`` with z standard normal, of shape (r,).

    Attributes
    ----------
    hessian
        (d, d), symmetric.
    root
        (d, r): a square root of the covariance of a whole batch's gradient.
    """

    hessian: np.ndarray
    root: np.ndarray

    @property
    def dimension(self) -> int:
        """Number d of parameters."""
        return len(self.hessian)


@dataclass(frozen=True, eq=False)
class SharedCurvatureModel:
    """The gradient ``hessian @ e + mean of gradients[i]`` over the batch: the samples share one curvature.

    Attributes
    ----------
    hessian
        (d, d), symmetric.
    gradients
        (D, d): the samples' gradients at the minimum; their mean is zero.
    """

    hessian: np.ndarray
    gradients: np.ndarray

    @property
    def dimension(self) -> int:
        """Number d of parameters."""
        return len(self.hessian)


@dataclass(frozen=True, eq=False)
class RankOneModel:
    """The gradient ``ridge * e + drift + mean of features[i] (features[i] @ e + residuals[i])`` over the batch.

    Attributes
    ----------
    features
        (D, d).
    residuals
        (D,): feature times minimum minus target.
    ridge
        Weight of the penalty.
    drift
        (d,): the penalty's gradient at the minimum, ridge times minimum.
    """

    features: np.ndarray
    residuals: np.ndarray
    ridge: float
    drift: np.ndarray

    @property
    def dimension(self) -> int:
        """Number d of parameters."""
        return self.features.shape[1]

    @property
    def hessian(self) -> np.ndarray:
        """(d, d)."""
        return self.features.T @ self.features / len(self.features) + self.ridge * np.eye(self.dimension)

    @property
    def gradients(self) -> np.ndarray:
        """(D, d): the samples' gradients at the minimum."""
        return self.features * self.residuals[:, None] + self.drift


@dataclass(frozen=True, eq=False)
class MatrixModel:
    """The gradient ``mean of curvatures[i] @ e + gradients[i]`` over the batch.

    Attributes
    ----------
    curvatures
        (D, d, d), each symmetric.
    gradients
        (D, d): the samples' gradients at the minimum; their mean is zero.
    """

    curvatures: np.ndarray
    gradients: np.ndarray

    @property
    def dimension(self) -> int:
        """Number d of parameters."""
        return self.gradients.shape[1]

    @property
    def hessian(self) -> np.ndarray:
        """(d, d)."""
        return self.curvatures.mean(axis=0)


@dataclass(frozen=True, eq=False)
class GaussianFeaturesModel:
    """The gradient ``mean of x (x @ e - noise_deviation * z)`` over a batch drawn afresh: ``x = root @ normals``.

    Attributes
    ----------
    root
        (d, r): a square root of the features' covariance, which is the Hessian.
    noise_deviation
        Standard deviation of a target about its mean; z is standard normal.
    """

    root: np.ndarray
    noise_deviation: float

    @property
    def dimension(self) -> int:
        """Number d of parameters."""
        return len(self.root)

    @property
    def hessian(self) -> np.ndarray:
        """(d, d)."""
        return self.root @ self.root.T


@dataclass(frozen=True, eq=False)
class SampledModel:
    """The gradient of a problem that only it can draw, for example a stated loss: NumPy only.

    Attributes
    ----------
    hessian, minimum
        (d, d) and (d,).
    gradient
        ``gradient(parameters, batch)`` returns the mini-batch gradient at parameters (d, replicas).
    dataset_size
        If a number, batches are indices (batch_size, replicas) into a data set of this size, which the block draws.
    draw
        Otherwise ``draw(rng, replicas)`` returns a batch, an array (batch_size, ..., replicas).
    """

    hessian: np.ndarray
    minimum: np.ndarray
    gradient: Callable[[np.ndarray, np.ndarray], np.ndarray]
    dataset_size: int | None = None
    draw: Callable[[np.random.Generator, int], np.ndarray] | None = None

    @property
    def dimension(self) -> int:
        """Number d of parameters."""
        return len(self.hessian)


FiniteModel = SharedCurvatureModel | RankOneModel | MatrixModel
Model = GaussianModel | GaussianFeaturesModel | FiniteModel | SampledModel


def dataset_size(model: FiniteModel) -> int:
    """Return the number D of samples that batches are drawn from."""
    return len(model.features if isinstance(model, RankOneModel) else model.gradients)


def step_normals(model: Model, batch_size: int) -> tuple[int, ...] | None:
    """Return the shape of the standard normals that a replica takes in a step; None where it takes something else.

    (r,) for Gaussian noise; for Gaussian features (batch_size, r + 1), the target's noise last.
    """
    if isinstance(model, GaussianModel):
        return (model.root.shape[1],)
    return (batch_size, model.root.shape[1] + 1) if isinstance(model, GaussianFeaturesModel) else None


def epoch_sizes(dataset_size: int, batch_size: int) -> np.ndarray:
    """Return the sizes of the batches of one shuffled epoch; the last may be smaller, as in torch's DataLoader."""
    whole, rest = divmod(dataset_size, batch_size)
    return np.array([batch_size] * whole + [rest] * (rest > 0))


@singledispatch
def model_of(problem: Problem, optimizer: SGD) -> Model:
    """Return what the backends run for a problem in NumPy numbers; a kind of problem registers its own."""
    raise TypeError(f"no simulation of {type(problem).__name__}")


@model_of.register
def _(problem: Quadratic, optimizer: SGD) -> Model:
    return GaussianModel(problem.hessian, square_root(batch_noise(problem, optimizer)))


@model_of.register
def _(problem: GaussianFeatures, optimizer: SGD) -> Model:
    return GaussianFeaturesModel(square_root(problem.hessian), float(problem.noise_variance) ** 0.5)


@model_of.register
def _(problem: LeastSquares, optimizer: SGD) -> Model:
    residuals = problem.X @ problem.minimum - problem.y
    return RankOneModel(problem.X, residuals, problem.ridge, problem.ridge * problem.minimum)


@model_of.register
def _(problem: QuadraticSums, optimizer: SGD) -> Model:
    gradients = problem.sample_gradients(problem.minimum)
    if problem.one_curvature:
        return SharedCurvatureModel(problem.hessian, gradients)
    return MatrixModel(problem.curvatures, gradients)
