"""Runs the blocks of a plan and merges what they saw, in their order, so that threads change no digit."""

from __future__ import annotations

from typing import Any

import numpy as np

from sgdtheory.numeric.engine.divergence import Deadline, Diverged, Interval, locate, stability_error
from sgdtheory.numeric.engine.plan import Plan
from sgdtheory.numeric.engine.pool import in_order
from sgdtheory.numeric.engine.progress import Meter
from sgdtheory.numeric.engine.run_block import Seen, has_finite, run_block
from sgdtheory.numeric.engine.statistics import merge


def execute(plan: Plan, meter: Meter, threads: int) -> tuple[dict[str, Any], Diverged | None]:
    """Return the merged statistics of all blocks, and what was lost.

    Raises
    ------
    StabilityError
        If a replica was lost and the plan is strict.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return _execute(plan, meter, threads)


def _execute(plan: Plan, meter: Meter, threads: int) -> tuple[dict[str, Any], Diverged | None]:
    deadline = Deadline()
    merged: dict[str, Any] | None = None
    lost: list[tuple[Interval, int]] = []

    def work(number: int) -> Seen:
        return run_block(plan, number, meter, deadline)

    for seen in in_order(work, len(plan.sizes), threads, deadline.give_up):
        if seen.interval is not None:
            lost.append((seen.interval, seen.lost))
        if seen.statistics is not None and not (plan.strict and lost):
            merged = seen.statistics if merged is None else merge(merged, seen.statistics)
    rate, replicas = plan.optimizer.learning_rate, sum(plan.sizes)
    if lost and plan.strict:
        step = min(interval.after for interval, _ in lost)
        count = sum(number for interval, number in lost if interval.after == step)
        diverged = locate(plan, [interval for interval, _ in lost], count)
        raise stability_error(diverged, count, replicas, step, rate)
    assert merged is not None
    if plan.strict and not has_finite(merged):  # each loss has a finite square, but not every sum of fourth powers
        raise stability_error(None, replicas, replicas, plan.steps, rate)
    if not lost:
        return merged, None
    return merged, locate(plan, [interval for interval, _ in lost], sum(number for _, number in lost))
