"""The loss of a linear optimizer as a discrete Volterra equation, for noise that modes share through the loss alone.

A batch's gradient has the noise floor + gamma (tr(H Y) H - tau H Y H), Y being the second moment of the point at which
gradients are taken. Then T_t = tr(H Y_t), twice the excess loss there, obeys

    T_t = forcing_t + sum over i < t of kernel_i T_{t-1-i},

the forcing being what the modes would do without that link, and kernel_i what a unit of noise per unit of H leaves of
itself after i steps. Both come from the optimizer's own step, mode by mode. The loss stays bounded if the modes
contract and the kernel's sum, the loop gain, is below one. Gaussian features have gamma = 1/m and tau = -1, orthogonal
ones tau = 1; in high dimension tau hardly matters. Source: M. Velikanov, D. Kuznedelev and D. Yarotsky, A view of
mini-batch SGD via generating functions, 2023, for SGD with heavy-ball momentum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.numeric.moments.loss_curves.maps import LinkedSquares, SeparateModes, reader, upper

LARGEST_COURSE = 4_000_000  # numbers of all modes' states that are held at once


@dataclass(frozen=True, eq=False)
class Volterra:
    """The Volterra equation of an optimizer on modes.

    Attributes
    ----------
    optimizer
        See ``numeric.moments.linear_optimizer``.
    curvatures
        (n,) eigenvalues of H.
    floor
        (n,) variances of a batch's gradient along the modes at the minimum.
    gamma, tau
        The strength of the noise, and what of its own part a mode lacks.

    Examples
    --------
    >>> from sgdtheory.numeric.moments.linear_optimizer import of
    >>> from sgdtheory.optimizers import SGD
    >>> equation = Volterra(of(SGD(0.5, 1)), np.array([1.0]), np.array([0.0]), gamma=1.0, tau=-1.0)
    >>> equation.curve(np.array([1.0]), 3)  # 0.25 + 2 * 0.25 a step
    array([1.      , 0.75    , 0.5625  , 0.421875])
    >>> round(equation.loop_gain, 12)  # 0.25 / (1 - 0.25 - 0.25)
    0.5
    """

    optimizer: LinearOptimizer
    curvatures: np.ndarray
    floor: np.ndarray
    gamma: float
    tau: float

    @cached_property
    def _modes(self) -> SeparateModes:
        return SeparateModes(self.optimizer, self.curvatures, self.floor)

    @cached_property
    def _own(self) -> np.ndarray:
        """(n, 1 + k, 1 + k): the step of (1, z z') of a mode by itself, minus one."""
        return LinkedSquares(self._modes, self.gamma, self.tau).own

    @cached_property
    def _struck(self) -> np.ndarray:
        """(n, 1 + k): what the link adds to a mode's moments for a unit of T."""
        pushed = upper(np.outer(self.optimizer.drive, self.optimizer.drive))
        return self.gamma * self.curvatures[:, None] * np.concatenate([[0.0], pushed])

    @property
    def _look(self) -> np.ndarray:
        """(n, 1 + k): what reads T off the moments."""
        return self.curvatures[:, None] * np.concatenate([[0.0], reader(self.optimizer.look)])

    @property
    def contracts(self) -> bool:
        """Whether each mode contracts by itself."""
        return bool(np.abs(np.linalg.eigvals(self._own[:, 1:, 1:] + np.eye(self._own.shape[-1] - 1))).max() < 1)

    @property
    def loop_gain(self) -> float:
        """The sum of the kernel: below one the loss stays bounded. Infinite where a mode does not contract."""
        return float(self.kernel_transform(1.0).real) if self.contracts else np.inf

    def kernel(self, steps: int) -> np.ndarray:
        """Return (steps,)."""
        return self._course(self._struck, steps)

    def forcing(self, offset: np.ndarray, steps: int) -> np.ndarray:
        """Return (steps + 1,), from a start at rest at ``offset``, (n,), from the minimum."""
        return self._course(self._modes.start(offset), steps + 1)

    def curve(self, offset: np.ndarray, steps: int) -> np.ndarray:
        """Return T_0 ... T_steps; the sums take steps^2 / 2 products of two numbers, none of which loses digits."""
        course, kernel = self.forcing(offset, steps), self.kernel(steps)
        backwards = kernel[::-1].copy()
        for t in range(1, steps + 1):
            course[t] += backwards[steps - t :] @ course[:t]
        return course

    def kernel_transform(self, z: complex) -> complex:
        """Return the sum of kernel_i z^i."""
        return self._transform(self._struck, z)

    def forcing_transform(self, offset: np.ndarray, z: complex) -> complex:
        """Return the sum of forcing_t z^t."""
        return self._transform(self._modes.start(offset), z)

    def _transform(self, start: np.ndarray, z: complex) -> complex:
        k = self._own.shape[-1]
        # Without noise there is no constant; with it the sum is finite inside the unit circle only.
        system, right = (1 - z) * np.eye(k) - z * self._own, start.astype(complex)
        if not start[:, 0].any():
            system, right = system[:, 1:, 1:], right[:, 1:]
        states = np.linalg.solve(system, right[..., None])[..., 0]
        return complex((self._look[:, -states.shape[1] :] * states).sum())

    def _course(self, start: np.ndarray, count: int) -> np.ndarray:
        """Return the (count,) course of what is read off, by doubling its length; some modes at a time."""
        total, at_once = np.zeros(count), max(1, LARGEST_COURSE // (max(count, 1) * start.shape[1]))
        for first in range(0, len(start), at_once):
            part = slice(first, first + at_once)
            states, power = start[part, :, None], self._own[part] + np.eye(start.shape[1])
            while states.shape[-1] < count:
                states = np.concatenate([states, power @ states[..., : count - states.shape[-1]]], axis=-1)
                power = power @ power
            total += np.einsum("ik,ikt->t", self._look[part], states[..., :count])
        return total
