"""Blocks of replicas in which workers take turns at random, each with parameters that it read before: NumPy only."""

from __future__ import annotations

from typing import Any

import numpy as np

from sgdtheory.numeric.engine.model import Model
from sgdtheory.numeric.engine.numpy_block import NumpyBlock
from sgdtheory.optimizers import SGD
from sgdtheory.processes.update import update


class WorkersBlock(NumpyBlock):
    """Replicas of asynchronous SGD; see ``Block`` for the other parameters.

    At each step one of the workers, drawn afresh for each replica, hands in a gradient taken at the parameters that it
    read last, and reads those that result.

    Parameters
    ----------
    workers
        How many there are; all begin with the start.
    """

    def __init__(
        self,
        model: Model,
        optimizer: SGD,
        start: np.ndarray,
        replicas: int,
        seed: np.random.SeedSequence,
        *,
        workers: int,
        precision: str = "float64",
    ) -> None:
        super().__init__(model, optimizer, start, replicas, seed, precision=precision)
        self._copies = np.repeat(self._state[None], workers, axis=0)
        self._replicas = np.arange(replicas)

    def copies(self) -> np.ndarray:
        """Return what the workers hold, (workers, d, replicas), float64."""
        return self._copies.astype(float)

    def save(self) -> Any:
        """Return states, and where the draws stand."""
        return super().save(), self._copies.copy()

    def restore(self, saved: Any) -> None:
        """Come back to a saved moment."""
        whole, copies = saved
        super().restore(whole)
        self._copies = copies.copy()

    def _step(self, drawn: np.ndarray) -> None:
        worker = self._rng.integers(len(self._copies), size=len(self._replicas))
        old = self._copies[worker, :, self._replicas].T
        gradient = self._gradient(old, drawn)
        self._state, self._velocity = update(self._state, self._velocity, gradient, **self._knobs)
        self._copies[worker, :, self._replicas] = self._state.T
