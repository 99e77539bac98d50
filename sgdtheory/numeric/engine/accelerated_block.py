"""Blocks of replicas whose momentum changes from step to step and is used to look ahead; any backend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from sgdtheory.numeric.engine.block import BlockMaker
from sgdtheory.numeric.engine.model import Model
from sgdtheory.optimizers import SGD
from sgdtheory.processes.accelerated import look_ahead


class AcceleratedBlock:
    """Replicas of accelerated SGD; see ``Block`` for the other parameters and what they can do.

    Each step is one of plain SGD, by a block of the backend, from where the last step leads.

    Parameters
    ----------
    maker
        The backend's kind of block.
    schedule
        From the number of steps taken to the momentum of the next one.
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
        schedule: Callable[[int], Any],
    ) -> None:
        self._plain = maker(model, replace(optimizer, momentum=0.0), start, replicas, seed)
        self._state = self._plain.state()
        self._last_step = np.zeros_like(self._state)
        self._schedule, self._taken = schedule, 0

    def advance(self, steps: int) -> None:
        """Take steps with draws of its own."""
        for _ in range(steps):
            self._step(lambda: self._plain.advance(1))

    def follow(self, draws: np.ndarray) -> None:
        """Take one step for each of the given draws."""
        for drawn in draws:
            self._step(lambda: self._plain.follow(drawn[None]))  # noqa: B023

    def state(self) -> np.ndarray:
        """Return a copy of the offsets (d, replicas), float64."""
        return self._state.copy()

    def velocity(self) -> np.ndarray:
        """Return a copy of the last steps, (d, replicas), float64."""
        return self._last_step.copy()

    def _step(self, take: Callable[[], None]) -> None:
        self._plain.place(look_ahead(self._state, self._last_step, float(self._schedule(self._taken))))
        take()
        before, self._state = self._state, self._plain.state()
        self._last_step, self._taken = self._state - before, self._taken + 1
