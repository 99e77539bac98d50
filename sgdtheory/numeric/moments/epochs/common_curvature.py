"""Shuffled epochs where all samples share one curvature: exact, at any phase, whatever the number of batches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sgdtheory.numeric.moments.epochs.bridge import (
    apply,
    bridge,
    joined_change,
    power_change,
    repeated,
    stationary,
    sums,
    turn,
)
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer


@dataclass(frozen=True, eq=False)
class CommonCurvature:
    """The states' moments at the phases of a stationary epoch, in the eigenvectors of the Hessian.

    Attributes
    ----------
    optimizer
        How a step is taken; its mean step contracts.
    curvatures
        (d,) eigenvalues.
    noise
        (d, d): covariance of one sample's gradient, divisor n.
    sizes
        (M,): samples in each batch of an epoch; only the last may differ.
    """

    optimizer: LinearOptimizer
    curvatures: np.ndarray
    noise: np.ndarray
    sizes: np.ndarray

    exact = True
    caveats: tuple[str, ...] = ()

    @property
    def batches(self) -> int:
        """Batches M in an epoch."""
        return len(self.sizes)

    def added(self, used: int) -> np.ndarray:
        """Return the covariance (d, d, s, s) that the first batches of an epoch add to a state."""
        n, s = int(self.sizes.sum()), self.optimizer.size
        if used == 0 or n == 1:
            return np.zeros((*self.noise.shape, s, s))
        weights = self.noise * (n / (n - 1))
        return weights[..., None, None] * bridge(self.optimizer, self.curvatures, self.sizes, used)

    @cached_property
    def carried(self) -> np.ndarray:
        """The covariance (d, d, s, s) with which an epoch begins."""
        change = self.optimizer.change(self.curvatures)
        return stationary(power_change(change, self.batches), self.added(self.batches))

    def mean(self, phase: int) -> np.ndarray:
        """Return the (d, s) mean of the states, from the minimum."""
        return np.zeros((len(self.curvatures), self.optimizer.size))

    def covariance(self, phase: int) -> np.ndarray:
        """Return the (d, d, s, s) covariance of the states after ``phase`` batches of an epoch."""
        if phase == 0:
            return self.carried
        power = np.eye(self.optimizer.size) + power_change(self.optimizer.change(self.curvatures), phase)
        return turn(power, self.carried) + self.added(phase)

    @cached_property
    def average(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean (d, s) and second moment (d, d, s, s) of the states, averaged over the phases of an epoch."""
        n, M, m = int(self.sizes.sum()), self.batches, int(self.sizes[0])
        all_of = sums(self.optimizer, self.curvatures, M, self.carried)
        second = all_of.carried / M
        if n > 1:
            scatter = n / m * all_of.product_sum - all_of.reached_products
            second = second + (self.noise / (n - 1))[..., None, None] * scatter / M
        return self.mean(0), second

    def transient(self, start: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return mean (d, s) and covariance (d, d, s, s) after ``steps`` steps from the states ``start``, (d, s).

        The first step is the first of an epoch. The mean step need not contract.
        """
        change, one = self.optimizer.change(self.curvatures), np.eye(self.optimizer.size)
        epochs, phase = divmod(steps, self.batches)
        covariance = self.added(phase)
        if epochs:
            whole = power_change(change, self.batches), self.added(self.batches)
            _, before = repeated(whole, epochs, _then)
            covariance = covariance + turn(one + power_change(change, phase), before)
        return apply(one + power_change(change, steps), start), covariance


def _then(first: tuple[np.ndarray, np.ndarray], second: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return the change and the added covariance of two stretches of epochs, one after the other."""
    power = np.eye(second[0].shape[-1]) + second[0]
    return joined_change(first[0], second[0]), turn(power, first[1]) + second[1]
