"""The law of SGD under shuffled epochs, as a ``DataLoader`` with ``shuffle=True`` draws them.

An epoch is a permutation of the samples, cut into batches; the last batch is smaller where the sizes do not divide.
Within an epoch the batches depend on one another, so the law depends on the *phase*, the number of batches since the
epoch began; at the end of an epoch (phase 0) almost all gradient noise has cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from sgdtheory.errors import DomainError
from sgdtheory.numeric.engine.model import epoch_sizes
from sgdtheory.numeric.moments import linear_optimizer
from sgdtheory.numeric.moments.epochs.checks import check_contraction, check_epochs
from sgdtheory.numeric.moments.epochs.common_curvature import CommonCurvature
from sgdtheory.numeric.moments.epochs.enumeration import Enumerated, is_small
from sgdtheory.numeric.moments.epochs.expansion import Expansion
from sgdtheory.numeric.moments.epochs.samples import samples_of
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.numeric.scalars import whole_number
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem, as_point


class Moments(Protocol):
    """The states' moments at the phases of an epoch, in the eigenvectors of the Hessian, from the minimum."""

    exact: bool
    caveats: tuple[str, ...]

    def mean(self, phase: int) -> np.ndarray:
        """Return the (d, s) mean after ``phase`` batches of an epoch."""

    def covariance(self, phase: int) -> np.ndarray:
        """Return the (d, d, s, s) covariance."""

    @property
    def average(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean (d, s) and second moment (d, d, s, s), averaged over the phases."""


@dataclass(frozen=True, eq=False)
class EpochLaw:
    """The stationary law at each phase of a shuffled epoch, and its averages over an epoch.

    Attributes
    ----------
    problem, optimizer
        What is minimised, and how.
    linear
        The optimizer per coordinate, in the coordinates of the moments.
    moments
        What the law is read off.
    """

    problem: Problem
    optimizer: SGD
    linear: LinearOptimizer
    moments: Moments

    @property
    def exact(self) -> bool:
        """Whether the law is exact for this problem."""
        return self.moments.exact

    @property
    def caveats(self) -> tuple[str, ...]:
        """What is approximate, in sentences."""
        return self.moments.caveats

    @cached_property
    def batches(self) -> int:
        """Batches in an epoch."""
        return len(epoch_sizes(self.problem.dataset_size, self.optimizer.batch_size))

    def mean(self, phase: int = 0) -> np.ndarray:
        """Return the (d,) mean of the parameters after ``phase`` batches of an epoch; 0 is the end of an epoch."""
        return self.problem.minimum + self._vectors @ (self.moments.mean(self._phase(phase)) @ self.linear.held)

    def covariance(self, phase: int = 0) -> np.ndarray:
        """Return the (d, d) covariance of the parameters after ``phase`` batches of an epoch."""
        return self._seen(self.moments.covariance(self._phase(phase)), self.linear.held)

    def velocity_covariance(self, phase: int = 0) -> np.ndarray:
        """Return the (d, d) covariance of the velocity as ``torch.optim.SGD`` holds it; zero without momentum."""
        return self._seen(self.moments.covariance(self._phase(phase)), self.linear.velocity)

    def excess_loss(self, phase: int = 0) -> float:
        """Return the expected loss above its minimum after ``phase`` batches of an epoch."""
        return float((self._eigenvalues * self._squares(self._phase(phase))).sum() / 2)

    def gradient_norm_squared(self, phase: int = 0) -> float:
        """Return the expected squared norm of the full gradient after ``phase`` batches of an epoch."""
        return float((self._eigenvalues**2 * self._squares(self._phase(phase))).sum())

    @cached_property
    def average_mean(self) -> np.ndarray:
        """The (d,) mean of the parameters over all steps."""
        return self.problem.minimum + self._vectors @ (self.moments.average[0] @ self.linear.held)

    @cached_property
    def average_covariance(self) -> np.ndarray:
        """The (d, d) covariance of the parameters at a random step: over runs and over the phases."""
        return self._spread_of_average(self.linear.held)

    @cached_property
    def average_velocity_covariance(self) -> np.ndarray:
        """The (d, d) covariance of the velocity at a random step."""
        return self._spread_of_average(self.linear.velocity)

    @cached_property
    def average_excess_loss(self) -> float:
        """The expected loss above its minimum, averaged over all steps: what the curve of a run averages to."""
        return float((self._eigenvalues * self._average_squares).sum() / 2)

    @cached_property
    def average_gradient_norm_squared(self) -> float:
        """The expected squared norm of the full gradient, averaged over all steps."""
        return float((self._eigenvalues**2 * self._average_squares).sum())

    @property
    def _eigenvalues(self) -> np.ndarray:
        return self.problem.spectrum.eigenvalues

    @property
    def _vectors(self) -> np.ndarray:
        return self.problem.spectrum.vectors

    @cached_property
    def _average_squares(self) -> np.ndarray:
        held = self.linear.held
        return np.einsum("a,iiab,b->i", held, self.moments.average[1], held)

    def _squares(self, phase: int) -> np.ndarray:
        held = self.linear.held
        spread = np.einsum("a,iiab,b->i", held, self.moments.covariance(phase), held)
        return spread + (self.moments.mean(phase) @ held) ** 2

    def _spread_of_average(self, weights: np.ndarray) -> np.ndarray:
        mean, second = self.moments.average
        return self._seen(second - np.einsum("ia,jb->ijab", mean, mean), weights)

    def _seen(self, covariance: np.ndarray, weights: np.ndarray) -> np.ndarray:
        turned = self._vectors @ np.einsum("a,ijab,b->ij", weights, covariance, weights) @ self._vectors.T
        return (turned + turned.T) / 2

    def _phase(self, phase: Any) -> int:
        phase = whole_number("phase", phase, least=0, symbols=False)
        if phase >= self.batches:
            raise DomainError(
                "an epoch has fewer batches",
                got=f"phase {phase}",
                allowed=f"0 (the end of an epoch) to {self.batches - 1}",
                mend="count the batches since the last epoch ended",
            )
        return phase

    def __repr__(self) -> str:
        return f"<EpochLaw of {self.optimizer} on {self.problem}, {self.batches} batches an epoch>"


def epoch_law(problem: Problem, optimizer: SGD) -> EpochLaw:
    """Return the law that SGD settles to under shuffled epochs.

    Parameters
    ----------
    problem
        A problem in NumPy numbers with a finite data set. Where all samples share one curvature the law is exact.
        ``LeastSquares`` and ``QuadraticSums`` with different curvatures are solved exactly for a few samples, by going
        through all orders, and expanded in the spread of the curvatures else.
    optimizer
        ``SGD`` with sampling ``"reshuffle"``, with or without momentum.

    Returns
    -------
    EpochLaw
        Mean, covariance, velocity and loss at each phase of an epoch, and averaged over an epoch.

    Raises
    ------
    DomainError
        If the sampling is another, the problem is not in NumPy numbers, has no finite data set that the batch fits
        into, or a direction without curvature.
    StabilityError
        If the learning rate is at or beyond the largest stable one.
    NotImplementedError
        For other problems whose samples differ in their curvature.

    Notes
    -----
    The batches g_k of one permutation have Cov(g_k, g_l) = -C/(n - 1) for k != l and (n - m)/(m (n - 1)) C for k = l.
    Sources: the sum over an epoch is that of a sample without replacement from a finite population, whose covariance
    is classical; the law of the recursion driven by it is worked out here. C has the divisor n.

    Examples
    --------
    >>> from sgdtheory.problems import QuadraticSums
    >>> problem = QuadraticSums([[1.0]], [[-1.0], [0.0], [0.0], [1.0]])
    >>> law = epoch_law(problem, SGD(0.1, 1, sampling="reshuffle"))
    >>> round(law.covariance().item(), 9), round(law.covariance(2).item(), 9)
    (0.000478296, 0.00636381)
    """
    check_epochs(problem, optimizer)
    linear, sizes = linear_optimizer.of(optimizer), epoch_sizes(problem.dataset_size, optimizer.batch_size)
    eigenvalues = problem.spectrum.eigenvalues
    check_contraction(problem, linear)
    linear, _ = linear.slow_and_fast(eigenvalues)
    if problem.one_curvature:
        return EpochLaw(problem, optimizer, linear, common_curvature(problem, linear, sizes))
    samples = samples_of(problem)
    if is_small(sizes, len(eigenvalues) * linear.size):
        moments: Moments = Enumerated(linear, samples.matrices, samples.gradients, sizes)
        moments.covariance(0)  # refuses what has no stationary law
    else:
        moments = Expansion(linear, eigenvalues, samples, sizes)
    return EpochLaw(problem, optimizer, linear, moments)


def epoch_transient(problem: Problem, optimizer: SGD, start: Any, steps: int) -> dict[str, np.ndarray]:
    """Return the moments after some steps from a fixed start, where all samples share one curvature.

    Parameters
    ----------
    problem, optimizer
        As for :func:`epoch_law`; the learning rate may also be unstable, and directions may be flat.
    start
        (d,) parameters before the first step, which begins an epoch; the velocity begins at zero.
    steps
        Number of steps, an integer >= 0.

    Returns
    -------
    dict
        ``mean`` and ``velocity_mean``, (d,), ``covariance`` and ``velocity_covariance``, (d, d).

    Examples
    --------
    >>> from sgdtheory.problems import QuadraticSums
    >>> problem = QuadraticSums([[1.0]], [[-1.0], [1.0]])
    >>> after = epoch_transient(problem, SGD(0.1, 1, sampling="reshuffle"), [1.0], 2)
    >>> round(after["covariance"].item(), 9)  # 0.1**2 * (0.9 - 1)**2
    0.0001
    """
    check_epochs(problem, optimizer)
    start = as_point(problem, start, "start")
    steps = whole_number("steps", steps, least=0, symbols=False)
    if not problem.one_curvature:
        raise NotImplementedError("the transient law of shuffled epochs is built for samples of one curvature only")
    whole, sizes = linear_optimizer.of(optimizer), epoch_sizes(problem.dataset_size, optimizer.batch_size)
    linear, units = whole.slow_and_fast(problem.spectrum.eigenvalues)
    vectors = problem.spectrum.vectors
    offset = np.outer(vectors.T @ (start - problem.minimum), whole.start / units)
    mean, covariance = common_curvature(problem, linear, sizes).transient(offset, steps)

    def seen(weights: np.ndarray) -> np.ndarray:
        return vectors @ np.einsum("a,ijab,b->ij", weights, covariance, weights) @ vectors.T

    return {
        "mean": problem.minimum + vectors @ (mean @ linear.held),
        "covariance": seen(linear.held),
        "velocity_mean": vectors @ (mean @ linear.velocity),
        "velocity_covariance": seen(linear.velocity),
    }


def common_curvature(problem: Problem, linear: LinearOptimizer, sizes: np.ndarray) -> CommonCurvature:
    """Return the moments of the problem's Hessian and its noise at the minimum."""
    spectrum = problem.spectrum
    noise = spectrum.vectors.T @ problem.noise @ spectrum.vectors
    return CommonCurvature(linear, spectrum.eigenvalues, noise, sizes)
