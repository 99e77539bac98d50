"""Blocks of replicas in which workers take turns at random, each with parameters that it read before; any backend."""

from __future__ import annotations

import numpy as np

from sgdtheory.numeric.engine.block import BlockMaker
from sgdtheory.numeric.engine.model import Model
from sgdtheory.optimizers import SGD


class WorkersBlock:
    """Replicas of asynchronous SGD; see ``Block`` for the other parameters and what they can do.

    At each step one of the workers, drawn afresh for each replica, hands in a gradient taken at the parameters that it
    read last, and reads those that result. The parameters move as a step of plain SGD, by a block of the backend, moves
    what the worker holds.

    Parameters
    ----------
    maker
        The backend's kind of block.
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
        maker: BlockMaker,
        workers: int,
    ) -> None:
        self._plain = maker(model, optimizer, start, replicas, seed)
        turns = np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, workers))
        self._turns = np.random.default_rng(turns)
        self._state = self._plain.state()
        self._copies = np.repeat(self._state[None], workers, axis=0)
        self._replicas = np.arange(replicas)

    def advance(self, steps: int) -> None:
        """Take steps with draws of its own."""
        for _ in range(steps):
            worker = self._turns.integers(len(self._copies), size=len(self._replicas))
            held = self._copies[worker, :, self._replicas].T
            self._plain.place(held)
            self._plain.advance(1)
            self._state = self._state + (self._plain.state() - held)
            self._copies[worker, :, self._replicas] = self._state.T

    def state(self) -> np.ndarray:
        """Return a copy of the offsets (d, replicas), float64."""
        return self._state.copy()

    def velocity(self) -> np.ndarray:
        """Return zeros: nothing is held."""
        return np.zeros_like(self._state)

    def copies(self) -> np.ndarray:
        """Return what the workers hold, (workers, d, replicas), float64."""
        return self._copies.copy()
