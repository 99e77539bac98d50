"""How long a run must settle before its time averages mean the stationary law, from the known rate of contraction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgdtheory.errors import StabilityError
from sgdtheory.numeric.batch_noise import batch_share
from sgdtheory.numeric.engine.linear_step import pairs, transition
from sgdtheory.numeric.solvers.sampled_curvature import MatrixCurvature, RankOneCurvature
from sgdtheory.numeric.solvers.second_moment_operator import SecondMomentOperator
from sgdtheory.optimizers import SGD
from sgdtheory.problems import LeastSquares, Problem, QuadraticSums

LEFT = 1e-5  # of the stationary second moments; what may be left of the start when averaging begins
LARGEST_OPERATOR = 128  # parameters up to which the second moments' own rate is worked out
FLAT = 1e-12  # of the largest curvature: a direction that nothing moves


@dataclass(frozen=True)
class Settling:
    """How a run forgets its start.

    Attributes
    ----------
    transitions
        (n, q, q): the step of the mean along each eigenvector.
    start
        (n,): the second moments of the start over the stationary ones, at least 1.
    mean_square_rate
        Spectral radius of the second moments' own operator, where curvature varies and it is known; else None.
    note
        What the rate leaves out, or an empty text.
    """

    transitions: np.ndarray
    start: np.ndarray
    mean_square_rate: float | None
    note: str

    def left(self, steps: int) -> float:
        """Return a bound on what is left of the start, relative to the stationary second moments."""
        if not len(self.start):
            return 0.0
        falls = np.linalg.norm(np.linalg.matrix_power(self.transitions, steps), 2, axis=(1, 2)) ** 2
        left = float((falls * self.start).max())
        if self.mean_square_rate is None:
            return left
        return max(left, float(self.start.max()) * self.mean_square_rate**steps)

    def steps(self, left: float = LEFT) -> int:
        """Return the least number of steps after which no more than ``left`` is left."""
        low, high = 0, 1
        while self.left(high) > left:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.left(middle) > left else (low, middle)
        return high


def settling_of(problem: Problem, optimizer: SGD, offset: np.ndarray) -> Settling:
    """Return how a run of a problem, started at an offset (d,) from the minimum, forgets its start.

    Raises
    ------
    StabilityError
        If it never does.
    """
    eigenvalues, vectors = np.linalg.eigh(problem.hessian)
    noise = float(batch_share(problem, optimizer)) * np.einsum("ai,ab,bi->i", vectors, problem.noise, vectors)
    square = (vectors.T @ offset) ** 2
    moving = (np.abs(eigenvalues) > FLAT * np.abs(eigenvalues).max(initial=0.0)) | (square > 0)
    A, b = transition(eigenvalues[moving], optimizer)
    rates = np.abs(np.linalg.eigvals(A)).max(axis=1, initial=0.0)
    rate = _mean_square_rate(problem, optimizer)
    if (rates >= 1).any() or (rate is not None and rate >= 1):
        raise StabilityError(
            "this run never becomes stationary, so it has no time averages",
            got=f"learning rate {optimizer.learning_rate}, at which the start is not forgotten",
            allowed="learning rates at which every direction contracts",
            mend="take a smaller learning rate, or give the problem curvature in every direction",
        )
    floor = _stationary(A, b, noise[moving])
    ratio = np.divide(square[moving], floor, out=np.where(square[moving] > 0, 1e25, 0.0), where=floor > 0)
    margin = 1.0
    note = ""
    if optimizer.sampling == "reshuffle":
        margin = 1e4  # shuffled epochs leave less noise than fresh subsets, so the start weighs more
        note = "the burn-in is that of fresh subsets with a margin, not of shuffled epochs"
    elif not problem.one_curvature and rate is None:
        note = "the burn-in follows the mean; the second moments settle more slowly where curvature varies a lot"
    return Settling(A, margin * np.maximum(ratio, 1.0), rate, note)


def _stationary(A: np.ndarray, b: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the stationary variance (n,) along each eigenvector with additive noise of these variances."""
    each = [pairs(A[i : i + 1], b, noise[i : i + 1, None]) for i in range(len(A))]
    return np.array([np.linalg.solve(np.eye(len(c[0, 0])) - K[0, 0], c[0, 0])[0] for K, c in each])


def _mean_square_rate(problem: Problem, optimizer: SGD) -> float | None:
    """Return the spectral radius of the second moments' operator; None where it is not known or follows the mean's."""
    too_large = problem.dimension > LARGEST_OPERATOR
    if problem.one_curvature or optimizer.momentum != 0 or optimizer.sampling == "reshuffle" or too_large:
        return None
    if isinstance(problem, LeastSquares):
        curvature = RankOneCurvature(problem.X, problem.ridge)
    elif isinstance(problem, QuadraticSums):
        curvature = MatrixCurvature(problem.curvatures)
    else:
        return None
    share = float(batch_share(problem, optimizer))
    return SecondMomentOperator(curvature, optimizer.learning_rate, share).spectral_radius()
