"""Optimizers that are linear in their state and in the gradient that they are handed.

Per coordinate of the parameters such an optimizer holds a few numbers z, looks at the gradient g at the point
``look @ z``, and moves ``z <- transition @ z + drive * g``. SGD holds its parameter, with momentum its velocity too;
averages of the weights and old weights are more of the same. Along an eigenvector of a common Hessian, with curvature
h, the mean step is ``z <- (transition + h drive look') z``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sgdtheory.errors import DomainError
from sgdtheory.numeric.scalars import scalar, whole_number
from sgdtheory.optimizers import SGD, SGLD
from sgdtheory.processes.update import update

LARGEST = 2e8  # numbers in the maps of moments with a delay: 1.6 GB
MOST_WORK = 3e11  # multiplications with them, half a minute of one processor
BEYOND = 10**30  # delays beyond it are counted as it, whose powers are floating-point numbers


@dataclass(frozen=True, eq=False)
class LinearOptimizer:
    """A linear optimizer, for one coordinate.

    Attributes
    ----------
    transition
        (s, s): what a step without gradient does to the state.
    drive
        (s,): what a unit gradient adds.
    look
        (s,): the point at which the gradient is taken.
    held
        (s,): the parameters that a person reads.
    velocity
        (s,): the velocity as ``torch.optim.SGD`` holds it; zeros where there is none.

    Examples
    --------
    >>> of(SGD(0.1, 1, momentum=0.5)).along(np.array([2.0]))[0].round(12)
    array([[ 0.8 , -0.05],
           [ 2.  ,  0.5 ]])
    """

    transition: np.ndarray
    drive: np.ndarray
    look: np.ndarray
    held: np.ndarray
    velocity: np.ndarray

    @property
    def size(self) -> int:
        """Numbers s per coordinate."""
        return len(self.drive)

    def along(self, curvatures: np.ndarray) -> np.ndarray:
        """Return the (n, s, s) mean steps along modes of these curvatures."""
        return np.eye(self.size) + self.change(curvatures)

    def change(self, curvatures: np.ndarray) -> np.ndarray:
        """Return the mean steps minus one, without cancellation."""
        pull = np.outer(self.drive, self.look)
        return (self.transition - np.eye(self.size)) + curvatures[:, None, None] * pull

    def contraction(self, curvatures: np.ndarray) -> float:
        """Return the spectral radius of the mean step over modes of these curvatures."""
        return float(np.abs(np.linalg.eigvals(self.along(curvatures))).max(initial=0.0))

    def slack(self, curvatures: np.ndarray) -> float:
        """Return 1 - contraction^2 without cancellation; not positive where the mean step does not contract."""
        change = np.linalg.eigvals(self.change(curvatures))
        return float(-(2 * change.real + np.abs(change) ** 2).max(initial=-1.0))

    def gains(self, curvatures: np.ndarray, slack: float = 0.0) -> np.ndarray:
        """Return the (n, n, s, s) stationary covariances of z_i and z_j under noise of covariance one in g_i and g_j.

        They solve (1 - slack) P = A_i P A_j' + drive drive', with ``slack`` below that of the modes.
        """
        one, size = self.in_own_units()
        B, s = one.change(curvatures), self.size
        n, unit = len(B), np.eye(s)
        left = np.einsum("iac,bd->iabcd", B, unit)[:, None]
        right = np.einsum("ac,jbd->jabcd", unit, B)[None]
        both = np.einsum("iac,jbd->ijabcd", B, B)
        system = -(left + right + both).reshape(n, n, s * s, s * s)
        system[..., range(s * s), range(s * s)] -= slack
        source = np.broadcast_to(np.outer(one.drive, one.drive).ravel()[:, None], (n, n, s * s, 1))
        return np.linalg.solve(system, source).reshape(n, n, s, s) * np.outer(size, size)

    def in_own_units(self) -> tuple[LinearOptimizer, np.ndarray]:
        """Return the optimizer of z / units, whose entries are of one size, and the (s,) units."""
        size = self._reach()
        return self.in_units(size), size

    def in_units(self, units: np.ndarray) -> LinearOptimizer:
        """Return the optimizer of z / units, (s,)."""
        return LinearOptimizer(
            self.transition * (units / units[:, None]),
            self.drive / units,
            self.look * units,
            self.held * units,
            self.velocity * units,
        )

    def slow_and_fast(self, curvatures: np.ndarray) -> tuple[LinearOptimizer, np.ndarray]:
        """Return SGD in the coordinates that keep most digits at modes of these curvatures, and their (s,) units.

        At small rates the second coordinate is the velocity and the first one what gradients alone move: what is of the
        order of the learning rate then stands apart from what is not, and neither drowns the other. Where modes turn,
        these two nearly cancel, and the optimizer's own coordinates are kept. Parameters at rest are the same in both.
        """
        one, size = self.in_own_units()
        if one.size != 2 or not one.velocity[1]:
            return one, size
        gap = 1 - one.transition[1, 1]
        moved = np.array([[1.0, -one.transition[0, 1] / gap], [0.0, 1.0]])
        back = 2 * np.eye(2) - moved
        vectors = (vector @ moved for vector in (one.look, one.held, one.velocity))
        new = LinearOptimizer(np.diag(np.diag(one.transition)), back @ one.drive, *vectors)
        curved = np.abs(curvatures * new.drive[0] * new.look[0]) / gap  # of order one where modes begin to turn
        most = curved.max()
        least = max(curved.min(), np.finfo(float).eps * most)
        # Measured against 60 digits: what is lost is most^2.5 times the rounding here, and 1 / least times it there.
        return (new, size) if max(most, 1.0) ** 2.5 <= max(1 / least, 1.0) else (one, size)

    @property
    def start(self) -> np.ndarray:
        """(s,): the state that stands still at parameters of one: every entry but a velocity holds parameters."""
        return np.where(self.velocity == 0, 1.0, 0.0)

    def _reach(self) -> np.ndarray:
        """Return (s,): the most that a unit gradient moves each entry within s steps, 1 for what it never moves."""
        moved, most = self.drive, np.abs(self.drive)
        for _ in range(self.size - 1):
            moved = self.transition @ moved
            most = np.maximum(most, np.abs(moved))
        return np.where(most > 0, most, 1.0)


def of(optimizer: SGD | SGLD) -> LinearOptimizer:
    """Return SGD as a linear optimizer: its own update is asked about unit vectors; a delay keeps old parameters."""
    knobs: dict[str, Any] = {
        "learning_rate": optimizer.learning_rate,
        "momentum": optimizer.momentum,
        "nesterov": optimizer.nesterov,
    }
    columns = [update(1.0, 0.0, 0.0, **knobs), update(0.0, 1.0, 0.0, **knobs)]
    s = 1 if optimizer.momentum == 0 else 2
    transition, drive = np.array(columns, dtype=float).T[:s, :s], np.array(update(0.0, 0.0, 1.0, **knobs))[:s]
    first = np.eye(s)[0]
    return with_delay(LinearOptimizer(transition, drive, first, first, np.eye(2)[1][:s]), optimizer.delay)


def check_delay(optimizer: SGD, maps: int, *, side: int = 2, times: int = 1) -> None:
    """Refuse a delay so long that maps of all that is kept take too much room, or solving with them too many steps.

    Parameters
    ----------
    optimizer
        Of delay tau; it keeps s = tau + 2 numbers per coordinate, at the most.
    maps
        How many maps there are at once: one for each pair of modes in second moments.
    side
        A map is a matrix of s^side rows: 2 for second moments, 1 for means.
    times
        How often each is factored or squared, at s^(3 side) multiplications.
    """
    rows = float(2 + min(optimizer.delay, BEYOND)) ** side
    if not optimizer.delay or (maps * rows**2 <= LARGEST and times * maps * rows**3 <= MOST_WORK):
        return
    most = min((LARGEST / maps) ** (1 / 2), (MOST_WORK / (maps * times)) ** (1 / 3)) ** (1 / side)
    raise long_delay(
        optimizer,
        "exact moments, whose maps grow with a power of it",
        f"{maps * rows**2:.3g} numbers in maps, {times * maps * rows**3:.3g} multiplications",
        int(most) - 2,
        "take a shorter delay, or simulate without time averages",
    )


def long_delay(optimizer: SGD, what: str, cost: str, most: int, mend: str) -> DomainError:
    """Return the error for a delay that is too long for something, at some cost; ``most`` is the longest allowed."""
    delay = optimizer.delay if optimizer.delay < BEYOND else "10^30 or more"
    return DomainError(
        f"the delay is too long for {what}",
        got=f"delay={delay}: {cost}",
        allowed=f"delays up to {most} here" if most > 0 else "no delay for a problem of this size",
        mend=mend,
    )


def with_average(optimizer: LinearOptimizer, decay: float) -> LinearOptimizer:
    """Return the optimizer that also keeps ``average <- decay * average + (1 - decay) * parameters``, which it holds.

    The parameters are those after the step, as in ``torch.optim.swa_utils``.

    Examples
    --------
    >>> with_average(of(SGD(0.1, 1)), 0.9).along(np.array([2.0]))[0].round(12)
    array([[0.8 , 0.  ],
           [0.08, 0.9 ]])
    """
    if not 0 <= scalar("decay", decay) < 1:
        raise DomainError("decay lies outside its domain", got=decay, allowed="0 <= decay < 1", mend="take, say, 0.99")
    new = 1 - decay
    below = np.append(new * optimizer.held @ optimizer.transition, decay)
    return LinearOptimizer(
        np.vstack([_widened(optimizer.transition), below]),
        np.append(optimizer.drive, new * optimizer.held @ optimizer.drive),
        np.append(optimizer.look, 0.0),
        np.append(0 * optimizer.held, 1.0),
        np.append(optimizer.velocity, 0.0),
    )


def with_delay(optimizer: LinearOptimizer, steps: int) -> LinearOptimizer:
    """Return the optimizer whose gradient is taken where it would have looked some steps ago.

    It keeps these points; before the first step all of them are the start.

    Examples
    --------
    >>> with_delay(of(SGD(0.1, 1)), 1).along(np.array([2.0]))[0].round(12)
    array([[ 1. , -0.2],
           [ 1. ,  0. ]])
    """
    steps = whole_number("steps", steps, least=0, symbols=False)
    for _ in range(steps):
        last = np.append(0 * optimizer.look, 1.0)
        optimizer = LinearOptimizer(
            np.vstack([_widened(optimizer.transition), np.append(optimizer.look, 0.0)]),
            np.append(optimizer.drive, 0.0),
            last,
            np.append(optimizer.held, 0.0),
            np.append(optimizer.velocity, 0.0),
        )
    return optimizer


def with_weight_decay(optimizer: LinearOptimizer, decay: float) -> LinearOptimizer:
    """Return the optimizer that adds ``decay`` times the parameters to the gradient, as ``torch.optim.SGD`` does.

    The mean then settles where decay * theta + H (theta - theta*) = 0, and the noise that drives it is that of a
    sample's gradient there.

    Examples
    --------
    >>> with_weight_decay(of(SGD(0.1, 1)), 0.5).along(np.array([2.0]))[0].round(12)
    array([[0.75]])
    """
    if scalar("decay", decay) < 0:
        raise DomainError("decay is negative", got=decay, allowed="decay >= 0", mend="take 0 for none")
    return replace(optimizer, transition=optimizer.transition + decay * np.outer(optimizer.drive, optimizer.look))


def _widened(matrix: np.ndarray) -> np.ndarray:
    return np.hstack([matrix, np.zeros((len(matrix), 1))])
