"""One block of replicas from its start to its statistics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sgdtheory.numeric.engine.balance import Balance, times
from sgdtheory.numeric.engine.block import ChainSums
from sgdtheory.numeric.engine.divergence import Deadline, Interval, Watch, excess_losses
from sgdtheory.numeric.engine.plan import Averaging, Plan
from sgdtheory.numeric.engine.progress import Meter
from sgdtheory.numeric.engine.statistics import CrossMoments, Curve, JointSums

PIECES = 8  # at least, in which a stationary stretch is added up, so that progress is seen
UNCHECKED = ("balance", "pflug")  # seen two steps after the last look, where a run that was whole may overflow


@dataclass(frozen=True)
class Seen:
    """What was seen of one block.

    Attributes
    ----------
    statistics
        Mergeable statistics by name; None where the block was given up.
    lost
        How many of its replicas were lost when it ended.
    interval
        Between which looks the first was lost; None if none was.
    """

    statistics: dict[str, Any] | None
    lost: int
    interval: Interval | None


def run_block(plan: Plan, number: int, meter: Meter, deadline: Deadline) -> Seen:
    """Run a block and return what was seen of it."""
    watch = Watch(number, plan.sizes[number])
    with np.errstate(over="ignore", invalid="ignore"):
        runner = _LastStep(plan, number) if plan.averaging is None else _TimeAverage(plan, number, plan.averaging)
        before = 0
        for step, losses, finite in runner.go():
            meter.add((step - before) * plan.sizes[number])
            before = step
            watch.look(step, losses, finite=finite)
            if plan.strict and watch.interval:
                deadline.set(step)
                return Seen(None, int(watch.mask.sum()), watch.interval)
            if deadline.passed(step):
                return Seen(None, 0, None)
        return Seen(runner.statistics(), int(watch.mask.sum()), watch.interval)


class _LastStep:
    """Averages over the replicas after the last step."""

    def __init__(self, plan: Plan, number: int) -> None:
        self._plan, self._block = plan, plan.block(number)
        self._curve, self._balance = Curve(), Balance(plan)

    def go(self) -> Iterator[tuple[int, np.ndarray, bool]]:
        """Advance from look to look; yield the steps taken, the losses, and whether their squares are surely finite."""
        plan, taken, recorded = self._plan, 0, set(self._plan.recorded)
        earlier = {plan.steps - lag for lag in plan.lags}
        self._kept: dict[int, tuple[np.ndarray, ...]] = {}
        for stop in sorted({*plan.recorded, *earlier}):
            self._block.advance(stop - taken)
            taken, state = stop, self._block.state()
            losses = excess_losses(plan.hessian, state)
            finite = stop in recorded and self._curve.add(losses)
            if stop in earlier or stop == plan.steps:
                self._kept[stop] = (state, self._block.companion()) if plan.companion else (state,)
            yield stop, losses, finite

    def statistics(self) -> dict[str, Any]:
        """Return what was seen."""
        plan = self._plan
        self._balance.look(self._block)
        seen = {"curve": self._curve.sums(), **self._balance.statistics()}
        now = self._kept[plan.steps]
        times = [self._kept[plan.steps - lag] for lag in (0, *plan.lags)]
        if plan.companion:
            looks = [
                (np.stack([state[:, None] * other[None] for other in others]), state, np.stack(others))
                for state, others in zip(now, zip(*times, strict=True), strict=True)
            ]
            return {**seen, **chain_statistics(plan.hessian, *looks)}
        (state,) = now
        slopes = plan.hessian @ state
        return {
            **seen,
            "states": tuple(CrossMoments.of(state, other) for (other,) in times),
            "loss": JointSums.of((state * slopes).sum(axis=0) / 2),
            "norm": JointSums.of((slopes**2).sum(axis=0)),
        }


class _TimeAverage:
    """Averages over time and then over the replicas, which are independent chains."""

    def __init__(self, plan: Plan, number: int, averaging: Averaging) -> None:
        self._plan, self._block, self._averaging = plan, plan.block(number), averaging
        self._curve, self._balance = Curve(), Balance(plan)
        self._sums: ChainSums | None = None

    def go(self) -> Iterator[tuple[int, np.ndarray, bool]]:
        """Advance from look to look; yield the steps taken, the losses, and whether their squares are surely finite."""
        plan, taken = self._plan, 0
        for stop in plan.recorded:
            self._block.advance(stop - taken)
            taken, losses = stop, excess_losses(plan.hessian, self._block.state())
            yield stop, losses, self._curve.add(losses)
        balanced = times(self._averaging, plan.sizes[0])
        pieces = max(PIECES, balanced)
        whole, rest = divmod(self._averaging.looks, pieces)
        parts = (*[whole] * (pieces if whole else 0), *[rest] * (rest > 0))
        for place, looks in enumerate(parts):
            if place % -(-pieces // balanced) == 0 and place < pieces:
                self._balance.look(self._block)
            self._add(self._block.accumulate(looks, self._averaging.stride, plan.lags))
            taken += looks * self._averaging.stride
            yield taken, excess_losses(plan.hessian, self._block.state()), False

    def _add(self, more: ChainSums) -> None:
        if self._sums is None:
            self._sums = more
            return
        names = [field.name for field in fields(ChainSums) if getattr(more, field.name) is not None]
        self._sums = ChainSums(**{name: getattr(self._sums, name) + getattr(more, name) for name in names})

    def statistics(self) -> dict[str, Any]:
        """Return what was seen."""
        plan, sums = self._plan, self._sums
        assert sums is not None
        looks = [(sums.first, sums.second, sums.lagged)]
        if plan.companion:
            looks.append((sums.companion_first, sums.companion_second, sums.companion_lagged))
        averages = []
        for first, second, lagged in looks:
            mean, products = first / sums.looks, np.concatenate([second[None], lagged]) / sums.looks
            averages.append((products, mean, mean[None]))
        seen = {"curve": self._curve.sums(), **self._balance.statistics()}
        return {**seen, **chain_statistics(plan.hessian, *averages)}


def chain_statistics(hessian: np.ndarray, *averages: tuple[np.ndarray, np.ndarray, np.ndarray]) -> dict[str, JointSums]:
    """Return statistics of the chains' averages, and of their companions' if they are given too.

    Each is a triple: products (1 + lags, d, d, n) of a state with an earlier one, lag 0 first, the state (d, n), and
    the earlier ones (1 + lags, d, n), or (1, d, n) where all have the same average.
    """
    squared = hessian @ hessian
    return {
        "mean": JointSums.of(*(mean for _, mean, _ in averages)),
        "products": JointSums.of(
            *(
                variable
                for products, mean, earlier in averages
                for variable in (products, mean[None, :, None], earlier[:, None])
            )
        ),
        "loss": JointSums.of(*(np.einsum("ij,ijn->n", hessian, products[0]) / 2 for products, _, _ in averages)),
        "norm": JointSums.of(*(np.einsum("ij,ijn->n", squared, products[0]) for products, _, _ in averages)),
    }


def has_finite(statistics: dict[str, Any]) -> bool:
    """Return whether all sums of what was looked at are finite."""
    return all(_finite(value) for name, value in statistics.items() if name not in UNCHECKED)


def _finite(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_finite, value))
    return all(np.isfinite(getattr(value, field.name)).all() for field in fields(value))
