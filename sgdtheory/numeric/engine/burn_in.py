"""How long a run must settle before its time averages mean the stationary law, from the known rate of contraction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgdtheory.errors import StabilityError
from sgdtheory.numeric.batch_noise import batch_share, injected_variance
from sgdtheory.numeric.engine.linear_step import in_one_unit, pairs
from sgdtheory.numeric.engine.mean_square import LARGEST_MATRIX, Bounded, MeanSquare, WrittenOut, ratio
from sgdtheory.numeric.moments.linear_optimizer import check_delay
from sgdtheory.numeric.moments.of_problem import loop_of
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem

LEFT = 1e-5  # of the stationary second moments; what may be left of the start when averaging begins
LARGEST_OPERATOR = 128  # parameters up to which the second moments' own rate is worked out
MARGIN = 1e4  # where the rate is not that of the process itself
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
    square
        (n,): the second moments of the start, of the whole state.
    mean_square
        How the second moments fall where curvature varies and it is known; else None, and they follow the mean.
    note
        What this leaves out, or an empty text.
    """

    transitions: np.ndarray
    start: np.ndarray
    square: np.ndarray
    mean_square: MeanSquare | None
    note: str

    def left(self, steps: int) -> float:
        """Return what is left of the start, relative to the stationary second moments, or more.

        That is a bound unless there is a note.
        """
        if not len(self.start):
            return 0.0
        if self.mean_square is not None:
            return self.mean_square.left(steps)
        return float((self._falls(steps) * self.start).max())

    def left_of_mean(self, steps: int) -> float:
        """Return a bound on how far the mean still is from the minimum."""
        return float(np.sqrt((self._falls(steps) * self.square).sum()))

    def steps(self, left: float = LEFT) -> int:
        """Return the least number of steps after which no more than ``left`` is left."""
        low, high = 0, 1
        while self.left(high) > left:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.left(middle) > left else (low, middle)
        return high

    def _falls(self, steps: int) -> np.ndarray:
        return np.linalg.norm(np.linalg.matrix_power(self.transitions, steps), 2, axis=(1, 2)) ** 2


def settling_of(problem: Problem, optimizer: SGD, offset: np.ndarray) -> Settling:
    """Return how a run of a problem, started at an offset (d,) from the minimum, forgets its start.

    Raises
    ------
    StabilityError
        If it never does.
    """
    check_delay(optimizer, 1)
    eigenvalues, vectors = np.linalg.eigh(problem.hessian)
    square = (vectors.T @ offset) ** 2
    moving = (np.abs(eigenvalues) > FLAT * np.abs(eigenvalues).max(initial=0.0)) | (square > 0)
    vectors, square = vectors[:, moving], square[moving]
    noise = float(batch_share(problem, optimizer)) * vectors.T @ problem.noise @ vectors
    noise = noise + float(injected_variance(optimizer)) * np.eye(len(noise))
    modes, linear = eigenvalues[moving], in_one_unit(optimizer)
    A, b = linear.along(modes), linear.drive
    rates = np.abs(np.linalg.eigvals(A)).max(axis=1, initial=0.0)
    mean_square = None if (rates >= 1).any() else _mean_square(problem, optimizer, modes, vectors, noise, offset)
    if (rates >= 1).any() or (mean_square is not None and mean_square.rate >= 1):
        raise StabilityError(
            "this run never becomes stationary, so it has no time averages",
            got=f"learning rate {optimizer.learning_rate}, at which the start is not forgotten",
            allowed="learning rates at which every direction contracts",
            mend="take a smaller learning rate, or give the problem curvature in every direction",
        )
    whole = float(linear.start @ linear.start)  # with a delay the state holds the start more than once
    start = whole * np.maximum(ratio(square, _stationary(A, b, np.diagonal(noise))), 1.0)
    margin, note = 1.0, ""
    if optimizer.sampling == "reshuffle":
        margin = MARGIN  # shuffled epochs leave less noise than fresh subsets, so the start weighs more
        note = "the burn-in is that of fresh subsets with a margin, not of shuffled epochs"
    elif not problem.one_curvature and mean_square is None:
        margin = MARGIN
        note = (
            "THE BURN-IN IS A GUESS: it follows the mean, with a margin, but the second moments settle more slowly"
            " where curvature varies between samples; compare with a run of another burn_in"
        )
    return Settling(A, margin * start, whole * square, mean_square, note)


def _stationary(A: np.ndarray, b: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the stationary variance (n,) along each eigenvector with additive noise of these variances."""
    each = [pairs(A[i : i + 1], b, noise[i : i + 1, None]) for i in range(len(A))]
    return np.array([np.linalg.solve(np.eye(len(c[0, 0])) - K[0, 0], c[0, 0])[0] for K, c in each])


def _mean_square(
    problem: Problem,
    optimizer: SGD,
    modes: np.ndarray,
    vectors: np.ndarray,
    noise: np.ndarray,
    offset: np.ndarray,
) -> MeanSquare | None:
    """Return how second moments fall; None where they follow the mean's, or it is too much work to know.

    ``modes`` (n,) and ``noise`` (n, n) belong to the (d, n) eigenvectors that move.
    """
    if problem.one_curvature or optimizer.sampling == "reshuffle" or not problem.exact:
        return None
    loop = loop_of(problem, optimizer)
    if len(modes) < problem.dimension:
        _ = loop.modes  # refuses samples that curve a direction in which their mean is flat
    if (loop.optimizer.size * len(modes)) ** 2 <= LARGEST_MATRIX:
        linear, turned = in_one_unit(optimizer), loop.curvature.turned(vectors)
        return WrittenOut.of(turned, loop.share, linear, modes, noise, vectors.T @ offset)
    if problem.dimension > LARGEST_OPERATOR:
        return None
    return Bounded.of(loop, vectors @ noise @ vectors.T, offset)
