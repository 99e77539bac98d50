"""Blocks of replicas whose momentum changes from step to step and is used to look ahead: NumPy only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from sgdtheory.numeric.engine.model import Model
from sgdtheory.numeric.engine.numpy_block import NumpyBlock
from sgdtheory.optimizers import SGD
from sgdtheory.processes.accelerated import look_ahead


class AcceleratedBlock(NumpyBlock):
    """Replicas of accelerated SGD; see ``Block`` for the other parameters.

    Parameters
    ----------
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
        schedule: Callable[[int], Any],
        precision: str = "float64",
    ) -> None:
        super().__init__(model, optimizer, start, replicas, seed, precision=precision)
        self._schedule, self._taken = schedule, 0

    def velocity(self) -> np.ndarray:
        """Return a copy of the last steps, (d, replicas), float64."""
        return self._velocity.astype(float)

    def save(self) -> Any:
        """Return states, where the draws stand, and how many steps were taken."""
        return super().save(), self._taken

    def restore(self, saved: Any) -> None:
        """Come back to a saved moment."""
        whole, self._taken = saved
        super().restore(whole)

    def _step(self, drawn: np.ndarray) -> None:
        self._state, self._velocity = look_ahead(
            self._state,
            self._velocity,
            lambda ahead: self._gradient(ahead, drawn),
            learning_rate=self._knobs["learning_rate"],
            momentum=float(self._schedule(self._taken)),
        )
        self._taken += 1
