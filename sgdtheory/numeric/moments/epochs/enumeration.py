"""Shuffled epochs of a few samples: every order is gone through, so that curvatures may differ in any way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import factorial, prod

import numpy as np

from sgdtheory.errors import StabilityError
from sgdtheory.numeric.moments.epochs.bridge import joined_change, outer, solved
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
    def _maps(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """For each phase k = 0, ..., M and order what the state z becomes, z + change z + moved.

        The changes have the shape (orders, q, q), what is moved (orders, q).
        """
        order = np.array(list(_deals(tuple(range(len(self.gradients))), self.sizes)))
        q = self.gradients.shape[1] * self.optimizer.size
        change, moved, place = np.zeros((len(order), q, q)), np.zeros((len(order), q)), 0
        maps = [(change, moved)]
        for m in self.sizes:
            batch = order[:, place : place + m]
            place += m
            step, push = self._step(self.matrices[batch].mean(axis=1), self.gradients[batch].mean(axis=1))
            change, moved = joined_change(step, change), moved + np.einsum("kab,kb->ka", step, moved) + push
            maps.append((change, moved))
        return maps

    def _step(self, curvature: np.ndarray, gradient: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return change and move of a step for batches' curvatures (k, d, d) and gradients (k, d)."""
        k, d = gradient.shape
        o, q = self.optimizer, d * self.optimizer.size
        pull = np.einsum("kij,a,b->kiajb", curvature, o.drive, o.look).reshape(k, q, q)
        push = np.einsum("ki,a->kia", gradient, o.drive).reshape(k, q)
        return np.kron(np.eye(d), o.transition - np.eye(o.size)) + pull, push

    def _moved(self, phase: int) -> tuple[np.ndarray, np.ndarray]:
        """Return what the orders add to the mean (q,) at the start by this phase, and the covariance (q, q) of that."""
        change, moved = self._maps[phase]
        each = change @ self._centre + moved
        mean = each.mean(axis=0)
        return mean, (each - mean).T @ (each - mean) / len(each)

    @cached_property
    def _centre(self) -> np.ndarray:
        """(q,): the mean at the start of an epoch."""
        change, moved = self._maps[self.batches]
        return solved(-change.mean(axis=0), moved.mean(axis=0))

    @cached_property
    def _start(self) -> np.ndarray:
        """(q, q): the covariance at the start of an epoch, which the mean over all orders does not change."""
        change, _ = self._maps[self.batches]
        q = change.shape[-1]
        once, one = change.mean(axis=0), np.eye(q)
        twice = np.einsum("kac,kbd->abcd", change, change, optimize=True).reshape(q * q, q * q) / len(change)
        both = np.kron(once, one) + np.kron(one, once) + twice
        eigenvalues = np.linalg.eigvals(both)
        growth = float((2 * eigenvalues.real + np.abs(eigenvalues) ** 2).max(initial=-1.0))  # of squares
        if growth >= 0:
            raise StabilityError(
                "an epoch does not shrink the second moments, so nothing is stationary",
                got=f"a factor {np.sqrt(1 + growth):.4g} for each epoch",
                allowed="a factor below 1",
                mend="take a smaller learning rate",
            )
        covariance = solved(-both, self._moved(self.batches)[1].ravel()).reshape(q, q)
        return (covariance + covariance.T) / 2

    def mean(self, phase: int) -> np.ndarray:
        """Return the (d, s) mean of the states, from the minimum."""
        return (self._centre + self._moved(phase)[0]).reshape(self.gradients.shape[1], self.optimizer.size)

    def covariance(self, phase: int) -> np.ndarray:
        """Return the (d, d, s, s) covariance of the states after ``phase`` batches of an epoch."""
        d, s = self.gradients.shape[1], self.optimizer.size
        maps = np.eye(d * s) + self._maps[phase][0]
        kept = np.einsum("kab,bc,kdc->ad", maps, self._start, maps, optimize=True) / len(maps)
        return (kept + self._moved(phase)[1]).reshape(d, s, d, s).transpose(0, 2, 1, 3)

    @cached_property
    def average(self) -> tuple[np.ndarray, np.ndarray]:
        """The mean (d, s) and second moment (d, d, s, s) of the states, averaged over the phases of an epoch."""
        means = [self.mean(phase) for phase in range(self.batches)]
        seconds = [self.covariance(phase) + outer(mean, mean) for phase, mean in enumerate(means)]
        return np.mean(means, axis=0), np.mean(seconds, axis=0)


def _deals(samples: tuple[int, ...], sizes: np.ndarray) -> Iterator[tuple[int, ...]]:
    """Yield the samples in every order that differs in what the batches hold."""
    if not len(sizes):
        yield ()
        return
    for batch in combinations(samples, int(sizes[0])):
        rest = tuple(sample for sample in samples if sample not in batch)
        for later in _deals(rest, sizes[1:]):
            yield batch + later
