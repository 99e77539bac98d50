"""Replicas that are lost to numbers without a finite square: counted, named, never averaged away."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sgdtheory.errors import StabilityError
from sgdtheory.numeric.engine.plan import Plan


@dataclass(frozen=True)
class Diverged:
    """What was lost.

    Attributes
    ----------
    count
        How many replicas had an excess loss whose square is not finite, at one of the looks.
    first_replica, first_step
        The first step after which a replica was lost, and which, found step by step in the stretch between two looks at
        whose end losses were seen first, in the blocks that had them. A replica elsewhere whose loss overflowed
        between two looks and came back before the second goes unseen.
    """

    count: int
    first_replica: int
    first_step: int


@dataclass(frozen=True)
class Interval:
    """Between which looks a block lost its first replica: still whole at ``before``, no more at ``after``."""

    block: int
    before: int
    after: int


def excess_losses(hessian: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the loss above its minimum of offsets (d, replicas)."""
    return np.einsum("in,in->n", offsets, hessian @ offsets) / 2


def lost(losses: np.ndarray) -> np.ndarray:
    """Return which replicas are lost: a loss whose square overflows has no standard error either."""
    return ~np.isfinite(losses**2)


class Deadline:
    """The step at which some block has lost a replica, so that other blocks need not go on beyond it."""

    def __init__(self) -> None:
        self._step: int | None = None
        self._lock = threading.Lock()

    def set(self, step: int) -> None:
        """Note that a replica was lost by this step."""
        with self._lock:
            self._step = step if self._step is None else min(step, self._step)

    def give_up(self) -> None:
        """Let every block stop at its next look."""
        self.set(-1)

    def passed(self, step: int) -> bool:
        """Return whether a block that has come to this step may stop."""
        return self._step is not None and step > self._step


class Watch:
    """Looks for lost replicas in one block."""

    def __init__(self, block: int, replicas: int) -> None:
        self.mask = np.zeros(replicas, dtype=bool)
        self.interval: Interval | None = None
        self._block, self._before = block, 0

    def look(self, step: int, losses: np.ndarray, *, finite: bool = False) -> None:
        """Look at the losses after a step; ``finite`` if the sum of their squares is known to be."""
        if not finite:
            now = lost(losses)
            if self.interval is None and now.any():
                self.interval = Interval(self._block, self._before, step)
            self.mask |= now
        self._before = step


def locate(plan: Plan, intervals: Sequence[Interval], count: int) -> Diverged:
    """Return the first lost replica and its step, by running the blocks again that lost theirs earliest."""
    earliest = min(interval.after for interval in intervals)
    found = [_first(plan, interval) for interval in intervals if interval.after == earliest]
    step, replica = min(found)
    return Diverged(count, replica, step)


def _first(plan: Plan, interval: Interval) -> tuple[int, int]:
    """Return the first step in an interval after which a block has a lost replica, and which.

    Every step is looked at, since a loss can overflow and come back: bisection would find some such step only.
    """
    block, step = plan.block(interval.block), interval.before
    block.advance(step)
    gone = lost(excess_losses(plan.hessian, block.state()))
    while step < interval.after and not gone.any():
        block.advance(1)
        step += 1
        gone = lost(excess_losses(plan.hessian, block.state()))
    return step, sum(plan.sizes[: interval.block]) + int(np.argmax(gone))


def stability_error(diverged: Diverged | None, count: int, replicas: int, step: int, rate: float) -> StabilityError:
    """Return the error for a run that lost replicas, or whose averages overflow though none is lost."""
    got = f"{count} of {replicas} replicas no longer finite after {step} steps at learning rate {rate}"
    if diverged is not None:
        got += f"; the first was replica {diverged.first_replica} after step {diverged.first_step}"
    return StabilityError(
        "SGD diverged",
        got=got,
        allowed="learning rates at which the second moment stays finite",
        mend="take a smaller learning rate or a larger batch; the limit of the mean"
        " (stability_limit) is only an upper bound where curvature varies between samples",
    )
