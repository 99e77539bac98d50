"""The noise loop of SGD on a problem."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sgdtheory.numeric.batch_noise import batch_share, injected_variance
from sgdtheory.numeric.moments.linear_optimizer import check_delay, of
from sgdtheory.numeric.moments.noise_loop import NoiseLoop
from sgdtheory.numeric.moments.transient import Transient
from sgdtheory.numeric.solvers.sampled_curvature import SharedCurvature
from sgdtheory.numeric.stability.problem_curvature import curvature_of
from sgdtheory.optimizers import Optimizer
from sgdtheory.problems import Problem


@lru_cache(maxsize=1)  # a law, its course and a run's burn-in ask one after the other, and its rate takes longest
def loop_of(problem: Problem, optimizer: Optimizer) -> NoiseLoop:
    """Return the noise loop of SGD on a problem in NumPy numbers, for batches that are drawn afresh.

    Examples
    --------
    >>> from sgdtheory.optimizers import SGD
    >>> from sgdtheory.problems import LeastSquares
    >>> loop_of(LeastSquares([[1.0], [2.0]], [0.0, 1.0]), SGD(0.1, 2)).critical_share > 1
    True
    """
    check_delay(optimizer, problem.dimension**2)
    curvature = SharedCurvature(problem.hessian) if problem.one_curvature else curvature_of(problem)
    return NoiseLoop(of(optimizer), curvature, float(batch_share(problem, optimizer)))


def course_of(problem: Problem, optimizer: Optimizer, start: np.ndarray) -> Transient:
    """Return the course of SGD on such a problem from parameters (d,)."""
    minimum = problem.minimum
    injected = float(injected_variance(optimizer))
    return Transient(loop_of(problem, optimizer), lambda e: problem.noise_at(minimum + e), start - minimum, injected)
