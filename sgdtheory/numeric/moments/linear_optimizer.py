"""Optimizers that are linear in their state and in the gradient that they are handed.

Per coordinate of the parameters such an optimizer holds a few numbers z, looks at the gradient g at the point
``look @ z``, and moves ``z <- transition @ z + drive * g``. SGD holds its parameter, with momentum its velocity too;
averages of the weights and old weights are more of the same. Along an eigenvector of a common Hessian, with curvature
h, the mean step is ``z <- (transition + h drive look') z``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sgdtheory.optimizers import SGD
from sgdtheory.processes.update import update


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

    def gains(self, curvatures: np.ndarray) -> np.ndarray:
        """Return the (n, n, s, s) stationary covariances of z_i and z_j under noise of covariance one in g_i and g_j.

        They solve P = A_i P A_j' + drive drive'. The mean step must contract.
        """
        B, s = self.change(curvatures), self.size
        n, one = len(B), np.eye(s)
        left = np.einsum("iac,bd->iabcd", B, one)[:, None]
        right = np.einsum("ac,jbd->jabcd", one, B)[None]
        both = np.einsum("iac,jbd->ijabcd", B, B)
        system = -(left + right + both).reshape(n, n, s * s, s * s)
        source = np.outer(self.drive, self.drive).ravel()
        return np.linalg.solve(system, np.broadcast_to(source[:, None], (n, n, s * s, 1))).reshape(n, n, s, s)


def of(optimizer: SGD) -> LinearOptimizer:
    """Return SGD, with or without momentum, as a linear optimizer: its own update is asked about unit vectors."""
    knobs: dict[str, Any] = {
        "learning_rate": optimizer.learning_rate,
        "momentum": optimizer.momentum,
        "nesterov": optimizer.nesterov,
    }
    columns = [update(1.0, 0.0, 0.0, **knobs), update(0.0, 1.0, 0.0, **knobs)]
    s = 1 if optimizer.momentum == 0 else 2
    transition, drive = np.array(columns, dtype=float).T[:s, :s], np.array(update(0.0, 0.0, 1.0, **knobs))[:s]
    first = np.eye(s)[0]
    return LinearOptimizer(transition, drive, first, first, np.eye(2)[1][:s])
