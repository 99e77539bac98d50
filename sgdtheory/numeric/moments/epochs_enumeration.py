"""Shuffled epochs of a few samples: every order is gone through, so that curvatures may differ in any way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import factorial, prod

import numpy as np

from sgdtheory.errors import StabilityError
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer

LARGEST_WORK = 1 << 21  # numbers in the maps of all orders
LARGEST_STATE = 8


def orders(sizes: np.ndarray) -> int:
    """Return in how many ways samples can be dealt to the batches of an epoch."""
    return factorial(int(sizes.sum())) // prod(factorial(int(m)) for m in sizes)


def is_small(sizes: np.ndarray, state: int) -> bool:
    """Return whether all orders can be gone through, for so many numbers in a state."""
    if state > LARGEST_STATE or sizes.sum() > 20:
        return False
    return orders(sizes) * (state + 1) ** 2 <= LARGEST_WORK


@dataclass(frozen=True, eq=False)
class Enumerated:
    """The states' moments at the phases of a stationary epoch, in the eigenvectors of the Hessian.

    Attributes
    ----------
    optimizer
        How a step is taken.
    matrices, gradients
        (n, d, d) curvatures and (n, d) gradients at the minimum of the samples.
    sizes
        (M,): samples in each batch of an epoch.
    """

    optimizer: LinearOptimizer
    matrices: np.ndarray
    gradients: np.ndarray
    sizes: np.ndarray

    exact = True
    caveats: tuple[str, ...] = ()

    @property
    def batches(self) -> int:
        """Batches M in an epoch."""
        return len(self.sizes)

    @cached_property
    def _maps(self) -> list[np.ndarray]:
        """For each phase k = 0, ..., M the affine maps (orders, q + 1, q + 1) of the state and a one below it."""
        order = np.array(list(_deals(tuple(range(len(self.gradients))), self.sizes)))
        q = self.gradients.shape[1] * self.optimizer.size
        whole, place = np.broadcast_to(np.eye(q + 1), (len(order), q + 1, q + 1)), 0
        maps = [whole]
        for m in self.sizes:
            batch = order[:, place : place + m]
            place += m
            whole = self._step(self.matrices[batch].mean(axis=1), self.gradients[batch].mean(axis=1)) @ whole
            maps.append(whole)
        return maps

    def _step(self, curvature: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        """Return the affine maps of a step for batches' curvatures (k, d, d) and gradients (k, d)."""
        k, d = gradient.shape
        o, q = self.optimizer, d * self.optimizer.size
        step = np.zeros((k, q + 1, q + 1))
        step[:, -1, -1] = 1
        pull = np.einsum("kij,a,b->kiajb", curvature, o.drive, o.look).reshape(k, q, q)
        step[:, :q, :q] = np.kron(np.eye(d), o.transition) + pull
        step[:, :q, -1] = np.einsum("ki,a->kia", gradient, o.drive).reshape(k, q)
        return step

    def _moments(self, phase: int, second: np.ndarray) -> np.ndarray:
        """Return E[z z'] at a phase, where z is the state with a one below it, from that at the epoch's start."""
        maps = self._maps[phase]
        return np.einsum("kab,bc,kdc->ad", maps, second, maps, optimize=True) / len(maps)

    @cached_property
    def _start(self) -> np.ndarray:
        """E[z z'] at the start of an epoch: what the mean over all orders does not change."""
        maps = self._maps[self.batches]
        q = maps.shape[1] - 1
        mean = maps.mean(axis=0)
        centre = np.linalg.solve(np.eye(q) - mean[:q, :q], mean[:q, -1])
        matrices, added = maps[:, :q, :q], maps[:, :q, :q] @ centre + maps[:, :q, -1] - centre
        both = np.einsum("kac,kbd->abcd", matrices, matrices, optimize=True).reshape(q * q, q * q) / len(maps)
        radius = float(np.abs(np.linalg.eigvals(both)).max(initial=0.0))
        if radius >= 1:
            raise StabilityError(
                "an epoch does not shrink the second moments, so nothing is stationary",
                got=f"a factor {radius:.4g} for each epoch",
                allowed="a factor below 1",
                mend="take a smaller learning rate",
            )
        source = added.T @ added / len(maps)
        covariance = np.linalg.solve(np.eye(q * q) - both, source.ravel()).reshape(q, q)
        point = np.append(centre, 1.0)
        second = np.outer(point, point)
        second[:q, :q] += (covariance + covariance.T) / 2
        return second

    def _split(self, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        d, s = self.gradients.shape[1], self.optimizer.size
        return second[:-1, -1].reshape(d, s), second[:-1, :-1].reshape(d, s, d, s).transpose(0, 2, 1, 3)

    def mean(self, phase: int) -> np.ndarray:
        """Return the (d, s) mean of the states, from the minimum."""
        return self._split(self._moments(phase, self._start))[0]

    def covariance(self, phase: int) -> np.ndarray:
        """Return the (d, d, s, s) covariance of the states after ``phase`` batches of an epoch."""
        mean, second = self._split(self._moments(phase, self._start))
        return second - np.einsum("ia,jb->ijab", mean, mean)

    @cached_property
    def average(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean (d, s) and second moment (d, d, s, s) of the states, averaged over the phases of an epoch."""
        phases = [self._moments(phase, self._start) for phase in range(self.batches)]
        return self._split(np.mean(phases, axis=0))


def _deals(samples: tuple[int, ...], sizes: np.ndarray) -> Iterator[tuple[int, ...]]:
    """Yield the samples in every order that differs in what the batches hold."""
    if not len(sizes):
        yield ()
        return
    for batch in combinations(samples, int(sizes[0])):
        rest = tuple(sample for sample in samples if sample not in batch)
        for later in _deals(rest, sizes[1:]):
            yield batch + later
