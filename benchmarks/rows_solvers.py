"""Lyapunov equations, second moments, Ornstein-Uhlenbeck paths, and the import of the package."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from functools import partial

import numpy as np
import peers
import scipy.linalg
from harness import Contender, Row, interleave, optional, versus
from rows_simulation import regression

import sgdtheory as st

SINGLE = {100: 3, 1000: 5, 2000: 10}  # dimension -> target
BATCHED = {2: 50, 8: 8}
LAWS, RATE = (10, 200), 0.1
BATCH, LOOP = 10_000, 500  # the loop is timed on its first 500 equations
DURATION, LOOKS, EULER_STEP, PATHS = 10.0, 100, 0.01, 10_000


def spd(d: int, count: int, seed: int) -> np.ndarray:
    """Return random symmetric positive definite matrices (count, d, d)."""
    factors = np.random.default_rng(seed).standard_normal((count, d, 2 * d))
    return factors @ factors.mT / (2 * d)


def lyapunov(d: int, repeats: int) -> list[Row]:
    """One equation H S + S H = Q; large ones are repeated less often."""
    H, Q = spd(d, 1, 1)[0], spd(d, 1, 2)[0]
    calls = max(1, 200 // d)
    contenders = {
        "ours": Contender(lambda: [st.solve_lyapunov(H, Q) for _ in range(calls)], calls),
        "SciPy": Contender(lambda: [scipy.linalg.solve_continuous_lyapunov(H, Q) for _ in range(calls)], calls),
        "floor": Contender(lambda: [np.linalg.eigh(H) for _ in range(calls)], calls),
    }
    times = interleave(contenders, repeats if d < 1000 else 3 if d < 2000 else 1)
    floor = 1e3 * statistics.median(times.pop("floor"))
    notes = {"SciPy": "solve_continuous_lyapunov; floor: the eigenvectors alone"}
    return versus(f"Lyapunov, d={d}", times, "ours", {"SciPy": SINGLE[d]}, "ms", scale=1e3, floor=floor, notes=notes)


def lyapunov_batch(d: int, repeats: int) -> list[Row]:
    """Many small equations at once."""
    H, Q = spd(d, BATCH, 3), spd(d, BATCH, 4)

    def loop() -> None:
        for one, right in zip(H[:LOOP], Q[:LOOP], strict=True):
            scipy.linalg.solve_continuous_lyapunov(one, right)

    contenders = {
        "ours": Contender(lambda: st.solve_lyapunov(H, Q), BATCH),
        "SciPy": Contender(loop, LOOP),
        "floor": Contender(lambda: np.linalg.eigh(H), BATCH),
    }
    times = interleave(contenders, repeats)
    floor = 1e6 * statistics.median(times.pop("floor"))
    notes = {"SciPy": f"a loop, timed on {LOOP} equations; floor: the eigenvectors alone, batched"}
    name = f"Lyapunov, {BATCH} of d={d}"
    return versus(name, times, "ours", {"SciPy": BATCHED[d]}, "us", scale=1e6, floor=floor, notes=notes)


def second_moment(repeats: int) -> list[Row]:
    """The exact stationary covariance of SGD on least squares with batch size 1, from the data on."""
    d, rate = 100, 1e-3
    X, y = regression(d)

    def ours() -> np.ndarray:
        return st.stationary_law(st.LeastSquares(X, y), st.SGD(rate, 1)).covariance

    dense = peers.dense_second_moment(X, y, rate)
    apart = np.abs(ours() - (expected := dense())).max() / np.abs(expected).max()
    contenders = {"ours": Contender(lambda: [ours() for _ in range(20)], 20), "dense": Contender(dense)}
    notes = {"dense": f"Cholesky of {d * (d + 1) // 2} unknowns; the two agree to {apart:.0e}; 1,000 samples"}
    times = interleave(contenders, min(repeats, 3))
    return versus(f"second moment, d={d}", times, "ours", {"dense": 100}, "ms", scale=1e3, notes=notes)


def stationary_law(d: int, repeats: int) -> list[Row]:
    """The covariance that SGD settles to, checks of the input included."""
    H, C = spd(d, 1, 5)[0], spd(d, 1, 6)[0]
    H /= np.linalg.eigvalsh(H)[-1]
    optimizer, calls = st.SGD(RATE, 8), max(1, 200 // d)

    def ours() -> None:
        for _ in range(calls):
            st.stationary_law(st.Quadratic(H, C), optimizer).covariance  # noqa: B018

    def scipys() -> None:
        for _ in range(calls):
            scipy.linalg.solve_discrete_lyapunov(np.eye(d) - RATE * H, RATE**2 / 8 * C, method="bilinear")

    times = interleave({"ours": Contender(ours, calls), "SciPy": Contender(scipys, calls)}, repeats)
    notes = {"SciPy": "solve_discrete_lyapunov, bilinear; ours checks its input"}
    return versus(f"stationary_law, d={d}", times, "ours", {"SciPy": None}, "ms", scale=1e3, notes=notes)


def ornstein_uhlenbeck(repeats: int) -> list[Row]:
    """Paths of the diffusion limit in two dimensions, seen at 100 times."""
    H, C = np.array([[1.0, 0.3], [0.3, 0.5]]), np.array([[1.0, -0.2], [-0.2, 2.0]])
    problem, optimizer = st.Quadratic(H, C), st.SGD(EULER_STEP, 1)
    stride = round(DURATION / LOOKS / EULER_STEP)
    looks = list(range(stride, LOOKS * stride + 1, stride))
    mine = Contender(partial(st.sample_paths, problem, optimizer, [0.0, 0.0], looks, PATHS, limit="diffusion"), PATHS)
    contenders = {"ours": mine}
    root = np.linalg.cholesky(EULER_STEP * C)
    found = optional(lambda: Contender(peers.diffrax_euler(H, root, DURATION, EULER_STEP, PATHS, LOOKS), PATHS))
    if found is not None:
        contenders["diffrax"] = found
    notes = {
        "diffrax": f"Euler, {round(1 / EULER_STEP)} steps in a unit of time, float32, vmap and jit; CPU time of all its"
        f" threads; ours draws the exact law at the same {LOOKS} times, float64"
    }
    name = f"OU path, d=2, {LOOKS} looks"
    return versus(name, interleave(contenders, repeats), "ours", {"diffrax": 20}, "us", scale=1e6, notes=notes)


def importing(repeats: int) -> list[Row]:
    """What ``import sgdtheory`` costs over starting Python, by the clock on the wall."""
    codes = {"bare": "pass", "ours": "import sgdtheory"}

    def start(code: str) -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return 1e3 * (time.perf_counter() - began)

    rounds = [{name: start(code) for name, code in codes.items()} for _ in range(2 * repeats + 1)]
    over = [times["ours"] - times["bare"] for times in rounds]
    bare, extra = statistics.median(times["bare"] for times in rounds), statistics.median(over)
    note = "wall time; judged is what the import adds"
    return [
        Row(
            "import sgdtheory",
            "bare Python",
            "ms",
            bare + extra,
            bare,
            extra,
            min(over),
            max(over),
            50,
            less_is_better=True,
            note=note,
        )
    ]


ROWS = (
    {f"lyapunov-d{d}": partial(lyapunov, d) for d in SINGLE}
    | {f"lyapunov-batch-d{d}": partial(lyapunov_batch, d) for d in BATCHED}
    | {f"stationary-law-d{d}": partial(stationary_law, d) for d in LAWS}
    | {"second-moment": second_moment}
    | {"ou-paths": ornstein_uhlenbeck, "import": importing}
)
