"""The linear maps that carry the moments of a linear optimizer through a step.

In the eigenvectors of the Hessian mode i holds the state z_i, (s,), with the mean step 1 + B_i; the gradient noise N_ij
of a batch moves z_i z_j' by N_ij drive drive'. Each map gives ``change``, its step minus one, without cancellation;
``start(offset)``, the moments of a state at rest away from the minimum; and ``look(weights, seen)``, the vector that
reads off the sum of weights_i E[(seen'z_i)^2].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.numeric.moments.loss_curves.noise import SampleNoise

SCALE = 1e-12  # of the largest curvature: with less than that a mode does not weigh less


def upper(matrices: np.ndarray) -> np.ndarray:
    """Return the upper triangles of (..., s, s) matrices, (..., k)."""
    rows, columns = np.triu_indices(matrices.shape[-1])
    return matrices[..., rows, columns]


def reader(vector: np.ndarray) -> np.ndarray:
    """Return (k,): what reads v'Zv off the upper triangle of a symmetric Z."""
    square = np.outer(vector, vector)
    return upper(2 * square - np.diag(np.diag(square)))


def block_changes(steps: np.ndarray) -> np.ndarray:
    """Return (n, k, k): what the mean steps 1 + B, from B (n, s, s), do to the upper triangle of z z', minus one."""
    s = steps.shape[-1]
    places = list(zip(*np.triu_indices(s), strict=True))
    blocks = np.empty((len(steps), len(places), len(places)))
    for column, (a, b) in enumerate(places):
        unit = np.zeros((s, s))
        unit[a, b] = unit[b, a] = 1.0
        once = steps @ unit
        blocks[:, :, column] = upper(once + once.swapaxes(1, 2) + once @ steps.swapaxes(1, 2))
    return blocks


@dataclass(frozen=True, eq=False)
class SeparateModes:
    """Squares of modes whose noise does not depend on the parameters: for each mode a map of (1, z z').

    Attributes
    ----------
    optimizer
        See ``numeric.moments.linear_optimizer``.
    curvatures
        (n,) of the modes.
    floor
        (n,) variances of a batch's gradient along them.
    """

    optimizer: LinearOptimizer
    curvatures: np.ndarray
    floor: np.ndarray

    @cached_property
    def changes(self) -> np.ndarray:
        """(n, 1 + k, 1 + k)."""
        blocks = block_changes(self.optimizer.change(self.curvatures))
        n, k = blocks.shape[:2]
        whole = np.zeros((n, 1 + k, 1 + k))
        whole[:, 1:, 1:] = blocks
        whole[:, 1:, 0] = self.floor[:, None] * upper(np.outer(self.optimizer.drive, self.optimizer.drive))
        return whole

    def start(self, offset: np.ndarray) -> np.ndarray:
        """Return (n, 1 + k)."""
        squares = offset[:, None] ** 2 * upper(np.outer(self.optimizer.start, self.optimizer.start))
        return np.concatenate([np.ones((len(offset), 1)), squares], axis=1)

    def look(self, weights: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Return (n, 1 + k)."""
        return weights[:, None] * np.concatenate([[0.0], reader(seen)])


@dataclass(frozen=True, eq=False)
class LinkedSquares:
    """Squares of modes whose noise is floor + gamma (tr(H Y) H - tau H Y H), Y being the point's second moment.

    Attributes
    ----------
    modes
        The modes without that noise.
    gamma, tau
        1/m and -1 for Gaussian features.
    """

    modes: SeparateModes
    gamma: float
    tau: float

    @cached_property
    def own(self) -> np.ndarray:
        """(n, 1 + k, 1 + k): what a mode does by itself."""
        h, linear = self.modes.curvatures, self.modes.optimizer
        changes = self.modes.changes.copy()
        pushed = upper(np.outer(linear.drive, linear.drive))
        changes[:, 1:, 1:] -= (self.gamma * self.tau * h**2)[:, None, None] * np.outer(pushed, reader(linear.look))
        return changes

    @property
    def size(self) -> int:
        """Numbers that are carried: a constant, and k for each mode."""
        n, k = self.own.shape[:2]
        return 1 + n * (k - 1)

    def change(self, moments: np.ndarray) -> np.ndarray:
        """Return what a step adds to the moments, (size,)."""
        h, linear = self.modes.curvatures, self.modes.optimizer
        each = moments[1:].reshape(len(h), -1)
        seen = each @ reader(linear.look)
        added = np.einsum("iab,ib->ia", self.own[:, 1:, 1:], each) + self.own[:, 1:, 0] * moments[0]
        added += self.gamma * (h @ seen) * h[:, None] * upper(np.outer(linear.drive, linear.drive))
        return np.concatenate([[0.0], added.ravel()])

    def start(self, offset: np.ndarray) -> np.ndarray:
        """Return (size,)."""
        return np.concatenate([[1.0], self.modes.start(offset)[:, 1:].ravel()])

    def look(self, weights: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Return (size,)."""
        return np.concatenate([[0.0], self.modes.look(weights, seen)[:, 1:].ravel()])


class LinkedPairs:
    """All pairs of modes and the mean, where samples differ in their curvature.

    The vector holds a constant, the mean and the upper triangle of E[z z'], each in units of its own: modes weigh what
    they add to the loss and the constant weighs a step's noise, so that small parts of a loss keep their digits.

    Parameters
    ----------
    optimizer
        As in :class:`SeparateModes`.
    curvatures
        (n,) of the modes.
    noise
        Of one sample, in the modes.
    share
        p: the covariance of a batch over that of a sample.
    reach
        Length of the start, the unit of the mean.
    """

    def __init__(
        self,
        optimizer: LinearOptimizer,
        curvatures: np.ndarray,
        noise: SampleNoise,
        share: float,
        reach: float,
    ) -> None:
        self.optimizer, self.noise, self.share = optimizer, noise, share
        self.n, self.s = len(curvatures), optimizer.size
        self.steps = optimizer.change(curvatures)
        self.pushed = np.outer(optimizer.drive, optimizer.drive)[None, :, None, :]
        wide = self.n * self.s
        self.places = np.triu_indices(wide)
        self.weights = np.where(self.places[0] == self.places[1], 1.0, np.sqrt(2))
        self.scale = np.sqrt(np.maximum(np.abs(curvatures), SCALE * np.abs(curvatures).max()))
        added = share * self.scale**2 @ np.diag(noise.floor)
        self.one = float(added * (optimizer.drive @ optimizer.drive))
        self.reach = reach
        self.head = 1 + wide
        self.size = self.head + len(self.weights)

    def change(self, moments: np.ndarray) -> np.ndarray:
        """Return what a step adds to the moments, (size,)."""
        n, s = self.n, self.s
        mean, second = moments[1 : self.head].reshape(n, s), self._second(moments[self.head :])
        turned = self._turned(second)
        added = turned + turned.T + self._turned(turned.T)
        noise = self._noise(moments[0], mean, second.reshape(n, s, n, s))
        added += (noise[:, None, :, None] * self.pushed).reshape(n * s, n * s)
        moved = np.einsum("iab,ib->ia", self.steps, mean)
        return np.concatenate([[0.0], moved.ravel(), added[self.places] * self.weights])

    def _turned(self, second: np.ndarray) -> np.ndarray:
        n, s = self.n, self.s
        return (self.steps @ second.reshape(n, s, n * s)).reshape(n * s, n * s)

    def _noise(self, one: float, mean: np.ndarray, second: np.ndarray) -> np.ndarray:
        look, noise, scales = self.optimizer.look, self.noise, np.outer(self.scale, self.scale)
        covariance = noise.curvature.spread(np.einsum("a,iajb,b->ij", look, second, look) / scales)
        if self.one:
            covariance = covariance + one / self.one * noise.floor
        if noise.coupling is not None and self.reach:
            covariance = covariance + noise.coupling(mean @ look / self.scale) / self.reach
        return self.share * scales * covariance

    def _second(self, packed: np.ndarray) -> np.ndarray:
        wide = self.n * self.s
        second = np.empty((wide, wide))
        second[self.places] = packed / self.weights
        second.T[self.places] = second[self.places]
        return second

    def start(self, offset: np.ndarray) -> np.ndarray:
        """Return (size,)."""
        state = np.outer(self.scale * offset, self.optimizer.start).ravel()
        mean = self.reach * state if self.noise.coupling is not None else 0 * state
        return np.concatenate([[self.one], mean, np.outer(state, state)[self.places] * self.weights])

    def look(self, weights: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Return (size,)."""
        whole = np.kron(np.diag(weights / self.scale**2), np.outer(seen, seen))
        return np.concatenate([np.zeros(self.head), whole[self.places] * self.weights])
