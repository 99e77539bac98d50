"""What the rows of the benchmark share: timing side by side, what a row holds, and the machine it ran on."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

LIBRARIES = ("numpy", "scipy", "numba", "jax", "torch", "diffrax", "sympy", "sgdtheory")


@dataclass(frozen=True)
class Contender:
    """One way of doing the work: a call, and how many units of work one call does."""

    run: Callable[[], Any]
    work: float = 1.0


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    name, peer_name, unit
        What was measured, beside what, in which unit.
    ours, peer
        Medians; ``peer`` is None where the peer is not installed.
    judged
        What the target speaks of: peer over ours, or ours itself where less is better.
    least, most
        The smallest and the largest of it over the rounds.
    target
        At least this ratio, or at most this value where ``less_is_better``.
    floor
        What no implementation of this kind can be faster than, in the unit; None where none is known.
    note
        What a reader must know.
    """

    name: str
    peer_name: str
    unit: str
    ours: float | None
    peer: float | None
    judged: float | None
    least: float | None
    most: float | None
    target: float | None
    less_is_better: bool = False
    floor: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where nothing can be said."""
        if self.judged is None or self.target is None:
            return None
        return self.judged <= self.target if self.less_is_better else self.judged >= self.target


def interleave(
    contenders: dict[str, Contender], repeats: int, clock: Callable[[], float] = time.process_time
) -> dict[str, list[float]]:
    """Return the times per unit of work of each contender, who take turns; a first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for one_round in range(repeats + 1):
        for name, contender in contenders.items():
            began = clock()
            contender.run()
            if one_round:
                times[name].append((clock() - began) / contender.work)
    return times


def versus(
    name: str,
    times: dict[str, list[float]],
    ours: str,
    targets: dict[str, float | None],
    unit: str,
    *,
    scale: float = 1.0,
    floor: float | None = None,
    notes: dict[str, str] | None = None,
) -> list[Row]:
    """Return one row for each peer in ``targets``; ``scale`` turns seconds into the unit."""
    rows = []
    for peer, target in targets.items():
        if peer not in times:
            rows.append(not_run(name, peer, unit, target, f"{peer} is not installed"))
            continue
        ratios = [theirs / mine for mine, theirs in zip(times[ours], times[peer], strict=True)]
        middle = {key: scale * statistics.median(times[key]) for key in (ours, peer)}
        judged, note = middle[peer] / middle[ours], (notes or {}).get(peer, "")
        rows.append(
            Row(
                name,
                peer,
                unit,
                middle[ours],
                middle[peer],
                judged,
                min(ratios),
                max(ratios),
                target,
                False,
                floor,
                note,
            )
        )
    return rows


def not_run(name: str, peer: str, unit: str, target: float | None, why: str) -> Row:
    """Return the row of a peer, or of ours, that could not be run."""
    return Row(name, peer, unit, None, None, None, None, None, target, note=why)


def optional(load: Callable[[], Contender]) -> Contender | None:
    """Return a contender, or None where its library is not installed."""
    try:
        return load()
    except ImportError:
        return None


def machine() -> dict[str, Any]:
    """Return what a reader needs to judge the numbers: processor, cores, versions, date."""
    versions = {}
    for library in LIBRARIES:
        try:
            versions[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            versions[library] = "not installed"
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "libraries": versions,
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            lines = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
        return lines[0] if lines else platform.processor()
    except OSError:
        return platform.processor()
