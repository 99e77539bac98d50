"""Mean and covariance of a linear optimizer after some steps from a fixed start, where curvature may vary.

With m the mean of the point at which gradients are taken, Y its covariance and C(e) the covariance of one sample's
gradient at a distance e from the minimum,

    E[C] = C(m) + spread(Y) = C(0) + coupling(m) + spread(m m') + spread(Y)

exactly, C being a polynomial of degree two; the coupling is what gradient and curvature of a sample have in common. So
the covariance of the state obeys a linear recursion whose source follows from the mean alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sgdtheory.errors import DomainError, StabilityError
from sgdtheory.numeric.engine.linear_step import affine_power
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.numeric.moments.noise_loop import NoiseLoop
from sgdtheory.numeric.moments.projected import Projected
from sgdtheory.numeric.moments.state import State
from sgdtheory.numeric.solvers.sampled_curvature import SampledCurvature, SharedCurvature
from sgdtheory.numeric.solvers.symmetric_space import as_matrix, as_vector

WRITTEN_OUT = 12  # numbers in a state up to which the map of all moments is written out as a matrix
WALKED = 1000  # steps that are walked one by one where another way is known
COURSE = 1e-6  # of the stationary excess loss; what a course at many times may be wrong by, if rounding lets it
MOST_WALKED = 10**6  # and where none is


class LossCourse(NamedTuple):
    """The expected excess loss of a run.

    Attributes
    ----------
    after
        The loss as a function of the number of steps.
    error
        About what it may be off by: mostly less than 1e-6 of the stationary loss, or than 1e-12 of that at the start if
        this is more; where curvatures are so far apart that rounding stands in the way, more.
    """

    after: Callable[[int], float]
    error: float


@dataclass(frozen=True, eq=False)
class Transient:
    """A run from a fixed start. Its methods work in the eigenvectors of the Hessian and the optimizer's own units.

    Attributes
    ----------
    loop
        The optimizer on the samples' curvatures; it need not be stable.
    noise_at
        ``noise_at(e)``: (d, d) covariance of one sample's gradient at a distance e, (d,), from the minimum.
    begin
        (d,) distance from the minimum before the first step.
    injected
        Variance that injected noise adds to each entry of a step's gradient.

    Examples
    --------
    >>> from sgdtheory.numeric.moments.of_problem import loop_of
    >>> from sgdtheory.optimizers import SGD
    >>> from sgdtheory.problems import LeastSquares
    >>> problem = LeastSquares([[1.0], [2.0]], [0.0, 1.0])
    >>> loop = loop_of(problem, SGD(0.1, 1))
    >>> course = Transient(loop, lambda e: problem.noise_at(problem.minimum + e), begin=np.array([1.0]))
    >>> course.after(1).covariance[0, 0].round(12)  # 0.1^2 times the variance of 1.4 and 3.6
    array([[0.0121]])
    """

    loop: NoiseLoop
    noise_at: Callable[[np.ndarray], np.ndarray]
    begin: np.ndarray
    injected: float = 0.0

    def after(self, steps: int) -> State:
        """Return mean and covariance after some steps, in the coordinates of the problem.

        Where floating point cannot hold a variance it is infinite, and means and covariances without a number are NaN.

        Raises
        ------
        DomainError
            If curvature varies, the second moment does not contract (or too slowly for digits to be kept) and there
            are too many steps to walk.
        """
        V = self.vectors
        with np.errstate(over="ignore", invalid="ignore"):
            mean, state = self._after(steps)
            covariance = np.einsum("ki,ijab,lj->abkl", V, state * np.outer(self.units, self.units), V, optimize=True)
            variances = np.einsum("aakk->ak", covariance)
            variances[~np.isfinite(variances)] = np.inf
        return State(self.loop.optimizer, self.loop.curvature.hessian, (V @ (mean * self.units)).T, covariance)

    def _after(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        if isinstance(self.loop.curvature, SharedCurvature):
            return self._doubled(steps)
        if self.start.size <= WRITTEN_OUT:
            return self._written_out(steps)
        if steps > WALKED and self._contracts:
            projected = Projected(self, steps)
            if projected.converged:
                return projected.after(steps)
        if steps > MOST_WALKED:
            raise DomainError(
                "too many steps of a run whose second moment does not contract, or nearly so",
                got=f"{steps} steps",
                allowed=f"at most {MOST_WALKED}",
                mend="take fewer steps, or a smaller learning rate",
            )
        mean, state = self.start, np.zeros(2 * (len(self.vectors),) + 2 * (len(self.units),))
        for _ in range(steps):
            mean, state = self.step(mean, state, self.noise_in_modes(mean @ self.optimizer.look))
            if not np.isfinite(state.sum()):  # all moments are fed by those that have grown too large
                return np.full_like(mean, np.nan), np.full_like(state, np.nan)
        return mean, state

    def excess_losses(self, most: int) -> LossCourse:
        """Return the expected excess loss at up to so many steps, of a run that contracts.

        What is worked out is shared by all numbers of steps.
        """
        if isinstance(self.loop.curvature, SharedCurvature) or self.start.size <= WRITTEN_OUT:
            hessian = self.loop.curvature.hessian
            return LossCourse(lambda steps: self.after(steps).expected_square(hessian) / 2, 0.0)
        projected = Projected(self, most, least=1, tolerance=COURSE, losses=True)
        return LossCourse(projected.excess_loss, projected.change)

    def step(self, mean: np.ndarray, state: np.ndarray, noise: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean (d, s) and covariance (d, d, s, s) after a step, from the noise at the mean."""
        A, drive = self.steps_of_mean, self.optimizer.drive
        noise = noise + self.loop.share * self.turned.spread(self.seen(state))
        moved = A[:, None] @ state @ A.swapaxes(1, 2)[None] + noise[:, :, None, None] * np.outer(drive, drive)
        return (A @ mean[..., None])[..., 0], moved

    def seen(self, state: np.ndarray) -> np.ndarray:
        """Return the (d, d) covariance of the point at which gradients are taken, or other moments of it."""
        return np.einsum("a,ijab,b->ij", self.optimizer.look, state, self.optimizer.look)

    def noise_in_modes(self, mean: np.ndarray) -> np.ndarray:
        """Return the (d, d) covariance of a step's gradient at a distance (d,) from the minimum."""
        V = self.vectors
        return self.loop.share * (V.T @ self.noise_at(V @ mean) @ V) + self.injected * np.eye(len(V))

    def coupling(self, mean: np.ndarray) -> np.ndarray:
        """Return the part of ``noise_in_modes`` that is linear in the distance."""
        length, reach = np.linalg.norm(mean), np.linalg.norm(self.begin)
        if length == 0 or reach == 0:
            return np.zeros(2 * mean.shape)
        size = reach / length  # at a distance as large as those that occur neither constant nor square drowns it
        return (self.noise_in_modes(size * mean) - self.noise_in_modes(-size * mean)) / (2 * size)

    @property
    def optimizer(self) -> LinearOptimizer:
        """The optimizer in its own units."""
        return self._in_units[0]

    @property
    def units(self) -> np.ndarray:
        """(s,)."""
        return self._in_units[1]

    @cached_property
    def _in_units(self) -> tuple[LinearOptimizer, np.ndarray]:
        return self.loop.optimizer.in_own_units()

    @cached_property
    def _spectrum(self) -> tuple[np.ndarray, np.ndarray]:
        eigenvalues, vectors = np.linalg.eigh(self.loop.curvature.hessian)
        return eigenvalues, vectors

    @property
    def vectors(self) -> np.ndarray:
        """(d, d) eigenvectors of the Hessian."""
        return self._spectrum[1]

    @cached_property
    def steps_of_mean(self) -> np.ndarray:
        """(d, s, s) mean step along each eigenvector."""
        return self.optimizer.along(self._spectrum[0])

    @cached_property
    def turned(self) -> SampledCurvature:
        """The curvatures in the eigenvectors."""
        return self.loop.curvature.turned(self.vectors)

    @cached_property
    def start(self) -> np.ndarray:
        """(d, s) state before the first step."""
        return np.outer(self.vectors.T @ self.begin, self.loop.optimizer.start / self.units)

    @cached_property
    def _contracts(self) -> bool:
        try:
            return self.loop.contracts
        except StabilityError:
            return False

    def _doubled(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """One curvature: pairs of modes do not mix, and each pair's affine map is raised to its power."""
        A, drive = self.steps_of_mean, self.optimizer.drive
        d, s = self.start.shape
        both = np.einsum("iac,jbd->ijabcd", A, A).reshape(d, d, s * s, s * s)
        pushed = self.noise_in_modes(np.zeros(d))[..., None] * np.outer(drive, drive).ravel()
        mean = (np.linalg.matrix_power(A, steps) @ self.start[..., None])[..., 0]
        return mean, affine_power(both, pushed, steps)[1].reshape(d, d, s, s)

    def _written_out(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        d, s = self.start.shape
        n, k = d * s, d * s * (d * s + 1) // 2
        first = self.start.ravel()
        begin = np.concatenate([[1.0], first, as_vector(np.outer(first, first)), np.zeros(k)])
        after = np.linalg.matrix_power(self._whole, steps) @ begin
        return after[1 : n + 1].reshape(d, s), self._pairs(after[n + 1 + k :])

    @cached_property
    def _whole(self) -> np.ndarray:
        """The map of 1, the mean m, m m' and the covariance, as a matrix."""
        d, s = self.start.shape
        n, k = d * s, d * s * (d * s + 1) // 2
        floor, share = self.noise_in_modes(np.zeros(d)), self.loop.share

        def moved(vector: np.ndarray) -> np.ndarray:
            mean, square = vector[1 : n + 1].reshape(d, s), self._pairs(vector[n + 1 : n + 1 + k])
            spread = share * self.turned.spread(self.seen(square))
            noise = vector[0] * floor + self.coupling(mean @ self.optimizer.look) + spread
            later = self.step(mean, square, -spread)[1]
            mean, after = self.step(mean, self._pairs(vector[n + 1 + k :]), noise)
            return np.concatenate([vector[:1], mean.ravel(), self._vector(later), self._vector(after)])

        return np.array([moved(unit) for unit in np.eye(1 + n + 2 * k)]).T

    def _pairs(self, vector: np.ndarray) -> np.ndarray:
        d, s = self.start.shape
        return as_matrix(vector, d * s).reshape(d, s, d, s).swapaxes(1, 2)

    def _vector(self, state: np.ndarray) -> np.ndarray:
        d, s = self.start.shape
        return as_vector(state.swapaxes(1, 2).reshape(d * s, d * s))
