"""A whole course of moments from a few solved systems, for any number of steps: a rational Krylov space.

What is left of the start in the moments x = (mean, second moment) is multiplied by a map T at each step. The space of
products of the inverses of 1 + pole - T with x, for poles about the inverse number of steps, holds T^t x to many
digits, because (1 - u)^t as a function of u between 0 and 1 is nearly rational. On an orthonormal basis of the space T
is a small matrix, whose powers cost nothing. See S. Guettel, Rational Krylov approximation of matrix functions, 2013.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sgdtheory.numeric.moments.state import settled

if TYPE_CHECKING:
    from sgdtheory.numeric.moments.transient import Transient

MOST = 120  # vectors of a basis
TOLERANCE = 1e-10  # change that a round of all poles makes, over the stationary moments, or over their excess loss
SOLVED = 1e-2  # of the change that is allowed: the residual of a solved system
LEAST = 1e-12  # of the start: no change is smaller, for rounding in the solutions adds up to a few 1e-13
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
    losses
        Whether only excess losses will be asked for, which a smaller space holds.

    Attributes
    ----------
    change
        The last change of what is seen, moments or losses; zero if the space holds all.
    converged
        Whether that is within the tolerance, or within LEAST.
    """

    def __init__(
        self,
        course: Transient,
        most: int,
        least: int | None = None,
        tolerance: float = TOLERANCE,
        *,
        losses: bool = False,
    ) -> None:
        self.course, self.loop = course, course.loop
        self._prepare()
        rate = self.loop.contraction_rate
        last = min(float(most), np.log(GONE) / np.log(rate) if rate > 0 else 1.0)
        first = min(last, last if least is None else float(least))
        count = 1 + int(np.ceil(np.log(last / first) / np.log(8)))
        see = self._loss if losses else np.copy
        floor, begin = (np.linalg.norm(see(vector)) for vector in (self._floor, self._first))
        allowed = max(tolerance * floor, LEAST * begin)
        solved = SOLVED * allowed / (max(begin, floor) or 1.0)  # nothing may move at all
        self._poles = [self._solver(POLE / steps, solved) for steps in np.geomspace(last, first, count)]
        self._looks = np.unique(np.geomspace(first, last, 3 * count).astype(int))
        self.change = self._grow(see, allowed)
        self.converged = self.change <= allowed

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
        self._floor = self._joined(0 * mean, self._stationary)

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

    def _solver(self, pole: float, tolerance: float) -> Callable[[np.ndarray], np.ndarray]:
        """Return the inverse of 1 + pole - T.

        It may be rough: T is worked out exactly on whatever space its values span.
        """
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
            noise = self.loop.settled(self._spread(apart) + self._coupling(mean), gains, tolerance)[0]
            return self._joined(mean, apart + noise[:, :, None, None] * states)

        return solve

    def _grow(self, see: Callable[[np.ndarray], np.ndarray], allowed: float) -> float:
        """Add vectors until what is seen of the course changes by no more than is allowed; return its last change."""
        self._scale = np.linalg.norm(self._first) or 1.0
        self._basis, self._images, self._matrix = [], [], np.empty((0, 0))
        self._add(self._first / self._scale)
        courses, back, change = [self._courses()], 1 + len(self._poles) // 3, np.inf
        while len(self._basis) < min(MOST, len(self._first)):
            new = self._poles[len(self._basis) % len(self._poles)](self._basis[-1])
            whole = np.linalg.norm(new)
            for _ in range(2):
                new = new - sum((old @ new) * old for old in self._basis)
            length = np.linalg.norm(new)
            if not length > CLOSED * whole:  # the space holds all that there is
                return 0.0
            self._add(new / length)
            if len(self._basis) % 3:
                continue
            courses.append(self._courses())
            if len(courses) > max(3, back):
                moved = courses[-1].copy()
                moved[:, : courses[-1 - back].shape[1]] -= courses[-1 - back]
                with np.errstate(over="ignore", invalid="ignore"):  # a small space may make the course grow
                    moved = moved @ np.array([see(vector) for vector in self._basis])
                    change = self._scale * np.linalg.norm(moved, axis=1).max()
                if change <= allowed:
                    break
        return 0.0 if len(self._basis) == len(self._first) else change

    def _add(self, vector: np.ndarray) -> None:
        """Add a vector to the basis, and its row and column to the matrix."""
        self._basis.append(vector)
        self._images.append(self._next(vector))
        column = np.array([[old @ self._images[-1]] for old in self._basis[:-1]]).reshape(-1, 1)
        self._matrix = np.block([[self._matrix, column], [np.array([vector @ image for image in self._images])]])

    def _coefficients(self, steps: int) -> np.ndarray:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.linalg.matrix_power(self._matrix, int(steps))[:, 0]

    def _courses(self) -> np.ndarray:
        return np.array([self._coefficients(steps) for steps in self._looks])

    def after(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return mean (d, s) and covariance (d, d, s, s), as the course has them."""
        turn, left = self._turn, self._scale * self._coefficients(steps) @ np.array(self._basis)
        mean, second = self._parted(left)
        covariance = np.einsum("ki,ijab,lj->klab", turn, second + self._stationary - _outer(mean), turn, optimize=True)
        still = self.course.start - turn @ (turn.T @ self.course.start)
        return still + turn @ mean, covariance

    def excess_loss(self, steps: int) -> float:
        """Return the expected excess loss of the parameters that the optimizer holds."""
        floor, *losses = self._losses
        return float(floor + self._scale * (self._coefficients(steps) @ losses))

    @cached_property
    def _losses(self) -> np.ndarray:
        """What the stationary moments, and then those of the basis, make the loss."""
        return np.concatenate([self._loss(vector) for vector in (self._floor, *self._basis)])

    def _loss(self, vector: np.ndarray) -> np.ndarray:
        """Return what moments make the loss, (1,)."""
        held, h = self.course.optimizer.held, self.loop.modes.eigenvalues
        return np.array([h @ np.einsum("a,iiab,b->i", held, self._parted(vector)[1], held) / 2])


def _outer(mean: np.ndarray) -> np.ndarray:
    return np.einsum("ia,jb->ijab", mean, mean)
