"""The limits of stability of a problem whose samples differ in their curvature, in numbers."""

from __future__ import annotations

import numpy as np

from sgdtheory.numeric.batch_noise import batch_share
from sgdtheory.numeric.moments.linear_optimizer import check_delay, of
from sgdtheory.numeric.moments.modes import Modes, moving_modes
from sgdtheory.numeric.moments.noise_loop import NoiseLoop
from sgdtheory.numeric.solvers.noise_kernel import NoiseKernel
from sgdtheory.numeric.solvers.sampled_curvature import (
    GaussianCurvature,
    MatrixCurvature,
    RankOneCurvature,
    SampledCurvature,
)
from sgdtheory.numeric.stability.almost_sure import Limit, exact_limit, simulated_limit
from sgdtheory.numeric.stability.batch_sharpness import batch_sharpness_limit, mean_cubes, skew_of
from sgdtheory.numeric.stability.bounds import Bounds, bounds
from sgdtheory.numeric.stability.crossing import RATES, mean_limit
from sgdtheory.numeric.stability.draws import Batches
from sgdtheory.numeric.stability.epoch_maps import can_enumerate, epoch_limit
from sgdtheory.numeric.stability.lyapunov_exponent import Effort
from sgdtheory.numeric.stability.mean_square import mean_square_limit
from sgdtheory.numeric.stability.problem_curvature import Samples, curvature_of, samples_of
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem


def mean_square_stability_in_numbers(problem: Problem, optimizer: SGD) -> float:
    """Return the limit in mean square; only momentum, batch size and sampling of the optimizer are used, as below."""
    curvature = curvature_of(problem)
    check_delay(optimizer, _maps(curvature, problem.dimension), times=RATES)
    return mean_square_limit(curvature, float(batch_share(problem, optimizer)), optimizer)


def _maps(curvature: SampledCurvature, dimension: int) -> int:
    """Return of how many modes, or pairs of modes, second moments are looked at for a limit."""
    if isinstance(curvature, GaussianCurvature):
        return dimension
    return min(curvature.features.shape) ** 2 if isinstance(curvature, RankOneCurvature) else dimension**2


def almost_sure_stability(
    problem: Problem, optimizer: SGD, seed: int, effort: Effort | None = None, *, simulate: bool = True
) -> Limit | None:
    """Return the learning rate at which single runs cease to shrink, and its standard error.

    None where that takes a simulation and ``simulate`` is False.

    Examples
    --------
    >>> from sgdtheory.problems import LeastSquares
    >>> problem = LeastSquares([[0.1**0.5], [1.9**0.5]], [0.0, 0.0])
    >>> almost_sure_stability(problem, SGD(1, 1), 0).rate.__round__(6)  # (1 - 0.1 eta) (1.9 eta - 1) = 1
    1.118943
    """
    start = mean_square_stability_in_numbers(problem, optimizer)
    modes, batches = batches_of(problem, optimizer)
    exact = exact_limit(modes, batches, optimizer, start)
    if exact is not None or not simulate:
        return exact
    return simulated_limit(modes, batches, optimizer, start, seed, effort)


def batch_sharpness_stability(problem: Problem, optimizer: SGD) -> float:
    """Return the learning rate whose batch sharpness is two over it."""
    modes, batches = batches_of(problem, optimizer)
    share = float(batch_share(problem, optimizer))
    skew = skew_of(optimizer.batch_size, problem.dataset_size, optimizer.sampling)
    return batch_sharpness_limit(modes, share, skew, mean_cubes(batches.samples))


def epoch_stability(problem: Problem, optimizer: SGD, kind: str, seed: int, effort: Effort | None = None) -> Limit:
    """Return a limit for shuffled epochs: of the mean or mean square of few samples, or of single runs."""
    modes, batches = batches_of(problem, optimizer)
    d = len(modes.eigenvalues)
    usual = mean_limit(float(modes.eigenvalues[-1]), optimizer.momentum, optimizer.nesterov)
    order = 2 if kind == "mean_square" else 1
    certain = d == 1 and optimizer.batch_size == 1 and optimizer.momentum == 0  # the order of an epoch does not matter
    if kind == "almost_sure" and not certain:
        return simulated_limit(modes, batches, optimizer, usual / 2, seed, effort)
    if not can_enumerate(problem.dataset_size, d, optimizer, order):
        raise NotImplementedError(
            f"the limit of kind {kind!r} for sampling='reshuffle' is not built yet for so many samples and parameters;"
            " kind='almost_sure' is, by simulation"
        )
    return Limit(epoch_limit(_matrices(batches), optimizer, order, usual), 0.0)


def bounds_of(problem: Problem, optimizer: SGD) -> Bounds:
    """Return what papers say of the limit in mean square of plain SGD."""
    curvature = _lean(curvature_of(problem))
    return bounds(moving_modes(curvature), float(batch_share(problem, optimizer)))


def critical_batch_size(problem: Problem, optimizer: SGD) -> float:
    """Return the batch size, in general no integer, at which the limit in mean square is half of that of the mean.

    Examples
    --------
    >>> from sgdtheory.problems import GaussianFeatures
    >>> round(critical_batch_size(GaussianFeatures(np.eye(3), 0.0), SGD(1, 1)), 9)  # 2 m / (d + m + 1) = 1
    4.0
    """
    curvature, n = _lean(curvature_of(problem)), problem.dataset_size
    largest = float(moving_modes(curvature).eigenvalues[-1])
    half = mean_limit(largest, optimizer.momentum, optimizer.nesterov) / 2
    linear = of(SGD(half, 1, momentum=optimizer.momentum, nesterov=optimizer.nesterov))
    share = NoiseLoop(linear, curvature, 1.0).critical_share
    return float(1 / share if optimizer.sampling == "replacement" else n / (1 + share * (n - 1)))


def _lean(curvature: SampledCurvature) -> SampledCurvature:
    """Return curvatures in the directions that they reach: of features at most as many as samples."""
    if not isinstance(curvature, RankOneCurvature) or curvature.features.shape[1] <= len(curvature.features):
        return curvature
    return RankOneCurvature(NoiseKernel(curvature.features, 1.0).modes.features, curvature.ridge)


def batches_of(problem: Problem, optimizer: SGD) -> tuple[Modes, Batches]:
    """Return the directions of positive curvature, and how batches are drawn in them."""
    samples: Samples = samples_of(problem)
    lean = isinstance(samples, RankOneCurvature)
    samples = _lean(samples) if lean else samples
    modes = moving_modes(samples if lean else curvature_of(problem))
    ridge = samples.ridge if isinstance(samples, RankOneCurvature) else 0.0
    return modes, Batches(samples.turned(modes.vectors), optimizer.batch_size, optimizer.sampling, ridge)


def _matrices(batches: Batches) -> np.ndarray:
    """Return the samples' curvatures, (n, r, r)."""
    samples = batches.samples
    if isinstance(samples, MatrixCurvature):
        return samples.matrices
    x = samples.features
    return np.einsum("ni,nj->nij", x, x) + batches.ridge * np.eye(x.shape[1])
