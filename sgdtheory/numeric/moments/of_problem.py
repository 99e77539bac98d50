"""The noise loop of SGD on a problem."""

from __future__ import annotations

import numpy as np

from sgdtheory.numeric.batch_noise import batch_share
from sgdtheory.numeric.moments.linear_optimizer import check_delay, of
from sgdtheory.numeric.moments.noise_loop import NoiseLoop
from sgdtheory.numeric.moments.transient import Transient
from sgdtheory.numeric.solvers.sampled_curvature import SharedCurvature
from sgdtheory.numeric.stability.problem_curvature import curvature_of
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem


def loop_of(problem: Problem, optimizer: SGD) -> NoiseLoop:
    """Return the noise loop of SGD on a problem in NumPy numbers, for batches that are drawn afresh.

    Examples
    --------
    >>> from sgdtheory.problems import LeastSquares
    >>> loop_of(LeastSquares([[1.0], [2.0]], [0.0, 1.0]), SGD(0.1, 2)).critical_share > 1
    True
    """
    check_delay(optimizer, problem.dimension**2)
    curvature = SharedCurvature(problem.hessian) if problem.one_curvature else curvature_of(problem)
    return NoiseLoop(of(optimizer), curvature, float(batch_share(problem, optimizer)))


def course_of(problem: Problem, optimizer: SGD, start: np.ndarray) -> Transient:
    """Return the course of SGD on such a problem from parameters (d,)."""
    minimum = problem.minimum
    return Transient(loop_of(problem, optimizer), lambda e: problem.noise_at(minimum + e), start - minimum)
