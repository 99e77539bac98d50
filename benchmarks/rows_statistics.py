"""CPU seconds until the trace of the stationary covariance is known to 0.1 %: SGD on least squares, eta = 0.01, m = 1.

A contender is run at a size that is feasible. Its price is CPU seconds times squared relative standard error over
0.001^2; ours is of a size that gives 0.06 to 0.07 %, so that its fixed costs count. The standard error is the spread of
repeated runs with other seeds (of replicas, for the peer), never what a run says of itself.
"""

from __future__ import annotations

import importlib.util
import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import peers
from harness import Row, not_run
from rows_simulation import regression

import sgdtheory as st

RATE, BATCH, WANTED = 0.01, 1, 1e-3
UNIT = "s"
TARGETS = {2: 1000, 10: 100}
STEPS, CHAINS, SEEDS = 20_000, 512, 10  # of one of our runs, and runs for each repeat
PEER_REPLICAS = 10_000
LEFT = 1e-5  # the share that the peer's variance may lack when its replicas end: as in our own burn-in


@dataclass(frozen=True)
class Price:
    """What 0.1 % costs: CPU seconds, the estimate over the exact trace minus one, and that one's standard error."""

    seconds: float
    deviation: float
    error: float


def exact_trace(X: np.ndarray, y: np.ndarray) -> float:
    """Return tr(Sigma) by solving S = E[M S M'] + eta^2 E[g g'] for one sample at a step, M = I - eta x x'."""
    D, d = X.shape
    residual = X @ np.linalg.lstsq(X, y)[0] - y
    gradients = X * residual[:, None]
    steps = np.eye(d) - RATE * X[:, :, None] * X[:, None, :]
    carried = np.einsum("kij,kab->iajb", steps, steps).reshape(d * d, d * d) / D
    noise = RATE**2 * (gradients.T @ gradients / D).ravel()
    return float(np.linalg.solve(np.eye(d * d) - carried, noise).reshape(d, d).trace())


def price_of_runs(run: Callable[[int], float], exact: float, repeats: int) -> Price:
    """Return the price of an estimator ``run(seed)`` of the trace."""
    run(0)  # compiles
    seconds, found = [], []
    for seed in range(1, repeats + 1):
        began = time.process_time()
        found.append(run(seed) / exact - 1)
        seconds.append(time.process_time() - began)
    spread = statistics.stdev(found)
    return Price(
        statistics.median(seconds) * (spread / WANTED) ** 2, statistics.mean(found), spread / len(found) ** 0.5
    )


def price_of_last_states(X: np.ndarray, y: np.ndarray, exact: float, replicas: int, repeats: int) -> Price:
    """Return the price of last states in NumPy; their standard error is that of a mean over independent replicas."""
    minimum = np.linalg.lstsq(X, y)[0]
    slowest = float(np.linalg.eigvalsh(X.T @ X / len(X))[0])
    run = peers.numpy_sgd(X, y, RATE, BATCH, round(-math.log(LEFT) / (2 * RATE * slowest)), replicas)
    run()
    seconds, squares = [], []
    for _ in range(repeats):
        began = time.process_time()
        squares.append(((run() - minimum) ** 2).sum(axis=1))
        seconds.append(time.process_time() - began)
    found = np.concatenate(squares) / exact
    return Price(
        statistics.median(seconds) * float(found.var()) / replicas / WANTED**2,
        float(found.mean()) - 1,
        float(found.std()) / len(found) ** 0.5,
    )


def simulated_trace(X: np.ndarray, y: np.ndarray, control_variate: bool, seed: int) -> float:
    """Return the trace by the public verb: time averages over independent chains from the minimum, one thread."""
    run = st.simulate(
        st.LeastSquares(X, y),
        st.SGD(RATE, BATCH),
        STEPS,
        CHAINS,
        seed=seed,
        backend="numba",
        time_average=True,
        control_variate=control_variate,
        threads=1,
    )
    return float(run.covariance.trace())


def price(d: int, repeats: int) -> list[Row]:
    """Return the rows of one dimension: with and without the control variate."""
    names = {True: f"0.1 % on tr(Sigma), d={d}", False: f"the same, time average alone, d={d}"}
    if not importlib.util.find_spec("numba"):
        return [
            not_run(name, "NumPy", UNIT, TARGETS[d] if control else None, "Numba is not installed")
            for control, name in names.items()
        ]
    X, y = regression(d)
    exact = exact_trace(X, y)
    peer = price_of_last_states(X, y, exact, PEER_REPLICAS, repeats)
    rows = []
    for control, name in names.items():
        mine = price_of_runs(partial(simulated_trace, X, y, control), exact, SEEDS * repeats)
        ratio = peer.seconds / mine.seconds
        # The price has the relative error of a variance from so many seeds, twice the error of a standard deviation.
        doubt = 2 * (2 / (SEEDS * repeats - 1)) ** 0.5
        note = (
            f"ours is {100 * mine.deviation:+.3f} % +- {100 * mine.error:.3f} % off the exact law"
            f" ({SEEDS * repeats} runs); range: 2 standard errors"
        )
        target = TARGETS[d] if control else None
        low, high = ratio * max(0.0, 1 - doubt), ratio * (1 + doubt)
        rows.append(Row(name, "NumPy", UNIT, mine.seconds, peer.seconds, ratio, low, high, target, note=note))
    return rows


ROWS = {f"precision-d{d}": partial(price, d) for d in TARGETS}
