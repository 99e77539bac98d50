"""What fluctuation and dissipation add up to at a look: the two sides of the relations that hold once a run is settled.

A stationary run keeps every average, |theta - theta*|^2 among them; written out for a step that says

    <(theta - theta*)' W grad L> = share * <moved' W moved>

for any symmetric W: here the identity, and the Hessian. The shares are those of the family fluctuation_dissipation.
``moved`` is the step theta' - theta; in the stationary average the last one will do, which is learning rate times
velocity. Nesterov's variant holds for the point theta + momentum * learning_rate * velocity before it looks ahead, and
the same ``moved``.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from sgdtheory.catalogue import results
from sgdtheory.numeric.engine.block import Block
from sgdtheory.numeric.engine.plan import Averaging, Plan
from sgdtheory.numeric.engine.statistics import JointSums
from sgdtheory.numeric.evaluate import evaluate

# Looks, and replica-steps of a block, of a time average for each of these, so that they cost a few percent.
LOOKS, WORK = 64, 100_000
MOST = 64


def held(plan: Plan) -> bool:
    """Return whether the relations hold: noise must not depend on where the run is, gradients must be taken there."""
    return plan.optimizer.sampling != "reshuffle" and not plan.optimizer.delay


@lru_cache
def shares(learning_rate: float, momentum: float) -> np.ndarray:
    """Return by what the mean squares of the moves are multiplied in the first and the second relation, (2,)."""
    names = (f"fluctuation_dissipation.{place}_relation_with_momentum" for place in ("first", "second"))
    return np.array([1 / evaluate(results[name], learning_rate=learning_rate, momentum=momentum) for name in names])


def shares_of(plan: Plan) -> np.ndarray:
    """Return the shares of a plan's optimizer."""
    return shares(float(plan.optimizer.learning_rate), float(plan.optimizer.momentum))


class Balance:
    """Averages of both sides over some looks, for each replica of a block."""

    def __init__(self, plan: Plan) -> None:
        self._plan, self._looks = plan, 0
        self._sides: Any = 0.0
        self._pflug: Any = 0.0

    def look(self, block: Block) -> None:
        """Look at a block two steps ahead, and bring it back."""
        if not held(self._plan):
            return
        rate, momentum, hessian = self._plan.optimizer.learning_rate, self._plan.optimizer.momentum, self._plan.hessian
        saved, offsets, velocities = block.save(), [block.state()], [block.velocity()]
        for _ in range(2):
            block.advance(1)
            offsets.append(block.state())
            velocities.append(block.velocity())
        block.restore(saved)
        if momentum:
            gradients = [later - momentum * earlier for earlier, later in pairwise(velocities)]
            moved = rate * velocities[0]
        else:
            gradients = [(earlier - later) / rate for earlier, later in pairwise(offsets)]
            moved = offsets[1] - offsets[0]
        point = offsets[0] + momentum * moved if self._plan.optimizer.nesterov else offsets[0]
        slope = hessian @ offsets[0] if self._plan.linear else gradients[0]
        sides = [
            _forms(hessian, point, slope),
            shares_of(self._plan)[:, None] * _forms(hessian, moved, moved),
            _forms(hessian, offsets[0], offsets[0]),
        ]
        self._sides = self._sides + np.array(sides)
        step = offsets[1] - offsets[0]
        self._pflug = self._pflug - (step * gradients[1]).sum(axis=0) / rate
        self._looks += 1

    def statistics(self) -> dict[str, JointSums]:
        """Return what was seen: left sides, right sides and sizes of both relations; Pflug's statistic."""
        if not self._looks:
            return {}
        return {"balance": JointSums.of(*self._sides / self._looks), "pflug": JointSums.of(self._pflug / self._looks)}


def _forms(hessian: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return first' W second for W the identity and the Hessian, (2, replicas)."""
    return np.stack([(first * second).sum(axis=0), (first * (hessian @ second)).sum(axis=0)])


def times(averaging: Averaging, replicas: int) -> int:
    """Return how often to look during the looks of a time average."""
    return max(1, min(MOST, averaging.looks // LOOKS, averaging.looks * averaging.stride * replicas // WORK))
