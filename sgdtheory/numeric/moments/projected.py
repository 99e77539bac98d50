"""A whole course of moments from a few solved systems, for any number of steps: a rational Krylov space.

What is left of the start in the moments x = (mean, second moment) is multiplied by a map T at each step. The space of
products of the inverses of 1 + pole - T with x, for poles about the inverse number of steps, holds T^t x to many
digits, because (1 - u)^t as a function of u between 0 and 1 is nearly rational. On an orthonormal basis of the space T
is a small matrix, whose powers cost nothing. See S. Guettel, Rational Krylov approximation of matrix functions, 2013.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sgdtheory.numeric.moments.state import settled

if TYPE_CHECKING:
    from sgdtheory.numeric.moments.transient import Transient

MOST = 90  # vectors of a basis
TOLERANCE = 1e-10  # change that three more vectors make, over the size of the stationary law
LEAST = 1e-12  # of the start: no tolerance is smaller, for rounding in the solutions adds up to a few 1e-13
GONE = 1e-25  # of the start: nothing is left
CLOSED = 1e-13  # of a new vector, left over: rounding
POLE = 12.0  # over the number of steps: about the best repeated pole for an exponential


class Projected:
    """The course of a run whose second moment contracts.

    Parameters
    ----------
    course
        The run.
    most, least
        Between which numbers of steps it will be asked for; ``least`` is ``most`` if left out.
    tolerance
        See ``TOLERANCE``.

    Attributes
    ----------
    converged
        Whether the tolerance was reached.
    """

    def __init__(
        self,
        course: Transient,
        most: int,
        least: int | None = None,
        tolerance: float = TOLERANCE,
    ) -> None:
        self.course, self.loop = course, course.loop
        self._prepare()
        rate = self.loop.contraction_rate
        last = min(float(most), np.log(GONE) / np.log(rate) if rate > 0 else 1.0)
        first = min(last, last if least is None else float(least))
        count = 1 + int(np.ceil(np.log(last / first) / np.log(8)))
        self._poles = [self._solver(POLE / steps) for steps in np.geomspace(last, first, count)]
        self._looks = np.unique(np.geomspace(first, last, 3 * count).astype(int))
        self.converged = self._grow(tolerance)

    def _prepare(self) -> None:
        course, modes = self.course, self.loop.modes
        self._turn = course.vectors.T @ modes.vectors  # to the directions that move
        self._A = course.optimizer.along(modes.eigenvalues)
        floor = course.vectors @ course.noise_in_modes(0 * course.begin) @ course.vectors.T
        state = settled(self.loop, (floor + floor.T) / 2).covariance
        moved = np.einsum("ki,abkl,lj->ijab", modes.vectors, state, modes.vectors, optimize=True)
        self._stationary = moved / np.outer(course.units, course.units)
        mean = self._turn.T @ course.start
        left = _outer(mean) - self._stationary
        size = np.linalg.norm(mean)
        self._weight = np.linalg.norm(left) / size if size else 1.0
        self._first = self._joined(mean, left)

    def _joined(self, mean: np.ndarray, second: np.ndarray) -> np.ndarray:
        return np.concatenate([self._weight * mean.ravel(), second.ravel()])

    def _parted(self, vector: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        r, s = self._A.shape[:2]
        return vector[: r * s].reshape(r, s) / self._weight, vector[r * s :].reshape(r, r, s, s)

    def _coupling(self, mean: np.ndarray) -> np.ndarray:
        """Return the noise of gradient and curvature together at a mean state (r, s)."""
        turn = self._turn
        return turn.T @ self.course.coupling(turn @ (mean @ self.course.optimizer.look)) @ turn

    def _spread(self, second: np.ndarray) -> np.ndarray:
        return self.loop.share * self.loop.modes.curvature.spread(self.course.seen(second))

    def _next(self, vector: np.ndarray) -> np.ndarray:
        mean, second = self._parted(vector)
        A, drive = self._A, self.course.optimizer.drive
        noise = self._spread(second) + self._coupling(mean)
        moved = A[:, None] @ second @ A.swapaxes(1, 2)[None] + noise[:, :, None, None] * np.outer(drive, drive)
        return self._joined((A @ mean[..., None])[..., 0], moved)

    def _solver(self, pole: float):
        """Return the inverse of 1 + pole - T."""
        A, optimizer = self._A, self.course.optimizer
        r, s = A.shape[:2]
        change = optimizer.change(self.loop.modes.eigenvalues)
        means = np.linalg.inv(pole * np.eye(s) - change)
        states = optimizer.gains(self.loop.modes.eigenvalues, -pole)
        gains = self.course.seen(states)
        unit = np.eye(s)
        left, right = np.einsum("iac,bd->iabcd", change, unit)[:, None], np.einsum("ac,jbd->jabcd", unit, change)[None]
        both = (left + right + np.einsum("iac,jbd->ijabcd", change, change)).reshape(r, r, s * s, s * s)
        pairs = np.linalg.inv(pole * np.eye(s * s) - both)

        def solve(vector: np.ndarray) -> np.ndarray:
            mean, second = self._parted(vector)
            mean = (means @ mean[..., None])[..., 0]
            apart = (pairs @ second.reshape(r, r, s * s, 1)).reshape(r, r, s, s)
            noise = self.loop.settled(self._spread(apart) + self._coupling(mean), gains)[0]
            return self._joined(mean, apart + noise[:, :, None, None] * states)

        return solve

    def _grow(self, tolerance: float) -> bool:
        """Add vectors until the course no longer changes."""
        scale = np.linalg.norm(self._first)
        basis, images = [self._first / scale], [self._next(self._first / scale)]
        self._matrix = np.array([[basis[0] @ images[0]]])
        allowed = max(tolerance * np.linalg.norm(self._stationary) / scale, LEAST)
        before = self._courses()
        while len(basis) < min(MOST, len(self._first)):
            new = self._poles[len(basis) % len(self._poles)](basis[-1])
            whole = np.linalg.norm(new)
            for _ in range(2):
                new = new - sum((old @ new) * old for old in basis)
            length = np.linalg.norm(new)
            if not length > CLOSED * whole:  # the space holds all that there is
                break
            basis.append(new / length)
            images.append(self._next(basis[-1]))
            self._matrix = np.array([[one @ image for image in images] for one in basis])
            if len(basis) % 3 == 0:
                now = self._courses()
                change = now.copy()
                change[:, : before.shape[1]] -= before
                if len(basis) > 6 and np.linalg.norm(change, axis=1).max() <= allowed:
                    break
                before = now
        else:
            self._basis, self._scale = np.array(basis), scale
            return len(basis) == len(self._first)
        self._basis, self._scale = np.array(basis), scale
        return True

    def _coefficients(self, steps: int) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.linalg.matrix_power(self._matrix, int(steps))[:, 0]

    def _courses(self) -> np.ndarray:
        return np.array([self._coefficients(steps) for steps in self._looks])

    def after(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return mean (d, s) and covariance (d, d, s, s), as the course has them."""
        turn, left = self._turn, self._scale * self._coefficients(steps) @ self._basis
        mean, second = self._parted(left)
        covariance = np.einsum("ki,ijab,lj->klab", turn, second + self._stationary - _outer(mean), turn, optimize=True)
        still = self.course.start - turn @ (turn.T @ self.course.start)
        return still + turn @ mean, covariance

    def excess_loss(self, steps: int) -> float:
        """Return the expected excess loss of the parameters that the optimizer holds."""
        left = self._scale * float(self._coefficients(steps) @ self._losses[1:])
        return float(self._losses[0]) + left

    @cached_property
    def _losses(self) -> np.ndarray:
        """What the stationary moments, and then those of the basis, make the loss."""
        held, h = self.course.optimizer.held, self.loop.modes.eigenvalues
        seconds = [self._stationary, *(self._parted(vector)[1] for vector in self._basis)]
        return np.array([h @ np.einsum("a,iiab,b->i", held, second, held) / 2 for second in seconds])


def _outer(mean: np.ndarray) -> np.ndarray:
    return np.einsum("ia,jb->ijab", mean, mean)
