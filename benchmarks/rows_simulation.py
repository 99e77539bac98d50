"""Replica-steps per core-second of SGD on least squares, D = 1000."""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import floors
import numpy as np
import peers
from harness import Contender, Row, interleave, not_run, optional, versus

import sgdtheory as st

SAMPLES = 1000
UNIT = "ns"  # per replica-step

# d, m -> steps of ours and of a peer, and the target against each peer.
CASES: dict[tuple[int, int], tuple[int, int, dict[str, float | None]]] = {
    (2, 1): (40_000, 100, {"NumPy": 15, "JAX": 15, "PyTorch": 15}),
    (2, 10): (5000, 20, {"NumPy": 15, "JAX": 15, "PyTorch": 15}),
    (10, 1): (8000, 60, {"NumPy": 2}),
    (10, 10): (2000, 10, {"NumPy": 6}),
    (100, 1): (4000, 10, {"NumPy": 6}),
}
REPLICAS = 10_240
FLOOR = "the floor: drawing the indices"
NOTES = {
    "NumPy": f"float64, vectorised over replicas; {FLOOR}",
    "JAX": f"float32, scan and vmap, CPU time of all its threads; {FLOOR}",
    "PyTorch": f"float32, eager, vectorised over replicas; {FLOOR}",
}


def regression(d: int) -> tuple[np.ndarray, np.ndarray]:
    """Return Gaussian features (D, d) and noisy targets."""
    rng = np.random.default_rng(7)
    X = rng.standard_normal((SAMPLES, d))
    return X, X.sum(axis=1) + rng.standard_normal(SAMPLES)


def ours(d: int, m: int, steps: int, threads: int = 1) -> Contender:
    """The public verb, its averages and standard errors included, float64."""
    problem, optimizer = st.LeastSquares(*regression(d)), st.SGD(rate(d), m)
    run = partial(st.simulate, problem, optimizer, steps, REPLICAS, backend="numba", threads=threads)
    return Contender(run, steps * REPLICAS)


def theirs(make: Callable[..., Callable[[], Any]], d: int, m: int, steps: int) -> Contender:
    """Return a peer on the same data."""
    return Contender(make(*regression(d), rate(d), m, steps, REPLICAS), steps * REPLICAS)


def rate(d: int) -> float:
    """Return a learning rate that is stable at batch size one."""
    return 0.1 / max(d, 10)


MAKERS = {"NumPy": peers.numpy_sgd, "JAX": peers.jax_sgd, "PyTorch": peers.torch_sgd}


def rank_one(d: int, m: int, repeats: int) -> list[Row]:
    """Return the rows of one dimension and batch size."""
    steps, peer_steps, targets = CASES[d, m]
    name = f"rank-one SGD, d={d}, m={m}"
    if not importlib.util.find_spec("numba"):
        return [not_run(name, peer, UNIT, target, "Numba is not installed") for peer, target in targets.items()]
    contenders = {
        "ours": ours(d, m, steps),
        "floor": Contender(floors.index_draws(SAMPLES, steps * m, REPLICAS), steps * REPLICAS),
    }
    for peer in targets:
        found = optional(partial(theirs, MAKERS[peer], d, m, peer_steps))
        if found is not None:
            contenders[peer] = found
    times = interleave(contenders, repeats)
    floor = 1e9 * statistics.median(times.pop("floor"))
    return versus(name, times, "ours", targets, UNIT, scale=1e9, floor=floor, notes=NOTES)


def two_threads(repeats: int) -> list[Row]:
    """Return the row of two threads beside one, by the clock on the wall."""
    name = "two threads over one, d=2, m=1"
    if not importlib.util.find_spec("numba"):
        return [not_run(name, "one thread", UNIT, 1.9, "Numba is not installed")]
    steps = CASES[2, 1][0]
    contenders = {"two threads": ours(2, 1, steps, 2), "one thread": ours(2, 1, steps, 1)}
    times = interleave(contenders, repeats, time.perf_counter)
    return versus(name, times, "two threads", {"one thread": 1.9}, UNIT, scale=1e9, notes={"one thread": "wall time"})


ROWS = {f"simulate-d{d}-m{m}": partial(rank_one, d, m) for d, m in CASES} | {"threads": two_threads}
