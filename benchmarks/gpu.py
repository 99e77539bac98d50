"""SGD in JAX on an accelerator beside its two halves, which bound it from below, and beside hand-written code.

    python benchmarks/gpu.py --save gpu.json
    python benchmarks/gpu.py --replicas 2000 --steps 20 --largest 10 --save gpu.json      # small enough for a processor

Each row times, in turns, the full step, its draws alone, and its reading of the data alone (least squares: the rows of
the batch; Gaussian noise: the two matrix products). The share is the slower half over the full step; the goal is 60 %.
The peers do the same steps: ``scan`` and ``vmap`` in JAX as its tutorials write it, and PyTorch or else CuPy, eager.
Times are wall-clock, of calls that end when the device is done. Without an accelerator it says so and runs on the
processor, where the goal says nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import peers
from harness import Contender, interleave, machine
from jax import lax

from sgdtheory.numeric.engine.jax_backend.block import JaxBlock
from sgdtheory.numeric.engine.jax_backend.step import draw
from sgdtheory.numeric.engine.model import GaussianModel, RankOneModel
from sgdtheory.optimizers import SGD

SAMPLES, GOAL = 1000, 0.6
LEAST_SQUARES = [(d, m) for d in (2, 10, 100, 1000) for m in (1, 10, 64)]
GAUSSIAN = (100, 1000)


def block_of(model: Any, d: int, m: int, replicas: int, precision: str) -> JaxBlock:
    optimizer = SGD(0.01 / (d * 3), m)
    return JaxBlock(model, optimizer, np.zeros(d), replicas, np.random.SeedSequence(0), precision=precision)


def full_step(block: JaxBlock, steps: int) -> Callable[[], Any]:
    def run() -> Any:
        block.advance(steps)
        return jax.block_until_ready(block.save())

    return run


def each_group(block: JaxBlock, steps: int, step: Callable[..., Any], start: Any) -> Callable[[], Any]:
    """Return a call that applies ``step(number, state, numbers)`` to what each group starts from, as the block does."""

    @jax.jit
    def run(state: Any, numbers: Any) -> Any:
        def group(one: Any) -> Any:
            return lax.fori_loop(np.uint32(0), np.uint32(steps), lambda k, state: step(k, state, one[1]), one[0])

        return lax.map(group, (state, numbers))

    return lambda: jax.block_until_ready(run(start, block._groups.numbers))


def draws_alone(block: JaxBlock, steps: int) -> Callable[[], Any]:
    """The step's draws, added up so that they are needed."""
    plan, parts, key, replicas = block._plan, block._parts, block._key, block.save()[0]

    def step(number: Any, total: Any, numbers: Any) -> Any:
        noise = draw(plan, parts, key, number, replicas, numbers)[0].noise
        return total + noise.sum(axis=0).astype(total.dtype)

    return each_group(block, steps, step, replicas.state[..., 0])


def rows_alone(block: JaxBlock, steps: int) -> Callable[[], Any]:
    """The rows of the batches' samples, added to the state, for indices that cost nothing to make."""
    features, m = block._parts["features"], block._plan.batch_size

    def step(number: Any, state: Any, numbers: Any) -> Any:
        picked = (numbers * 7 + number * 13) % SAMPLES

        def add(place: Any, state: Any) -> Any:
            return state + features.at[(picked + place.astype(jnp.uint32)) % SAMPLES].get(mode="promise_in_bounds")

        return lax.fori_loop(np.int32(0), np.int32(m), add, state)

    return each_group(block, steps, step, block.save()[0].state)


def products_alone(block: JaxBlock, steps: int) -> Callable[[], Any]:
    """The products with the Hessian and with the root of the noise."""
    hessian, root = block._parts["hessian"], block._parts["root"]

    def step(number: Any, state: Any, numbers: Any) -> Any:
        with jax.default_matmul_precision("highest"):
            return (hessian @ (root @ state.T)).T

    return each_group(block, steps, step, block.save()[0].state)


def regression(d: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(d)
    X = rng.standard_normal((SAMPLES, d))
    return X, X @ rng.standard_normal(d) + rng.standard_normal(SAMPLES)


def least_squares_contenders(d: int, m: int, replicas: int, steps: int, precision: str) -> dict[str, Contender]:
    X, y = regression(d)
    minimum = np.linalg.lstsq(X, y)[0]
    model = RankOneModel(X, X @ minimum - y, 0.0, np.zeros(d))
    block = block_of(model, d, m, replicas, precision)
    calls = {
        "full step": full_step(block, steps),
        "draws alone": draws_alone(block, steps),
        "reading alone": rows_alone(block, steps),
        "jax as in tutorials": peers.jax_sgd(X, y, 0.01 / (d * 3), m, steps, replicas),
    }
    calls |= eager(lambda xp, device: eager_least_squares(xp, device, X, y, m, steps, replicas))
    return {name: Contender(call, steps * replicas) for name, call in calls.items()}


def gaussian_contenders(d: int, replicas: int, steps: int, precision: str) -> dict[str, Contender]:
    rng = np.random.default_rng(d)
    half, root = rng.standard_normal((d, d)), rng.standard_normal((d, d)) / d
    hessian = half @ half.T / d / 4  # eigenvalues up to 1
    block = block_of(GaussianModel(hessian, root), d, 1, replicas, precision)
    calls = {
        "full step": full_step(block, steps),
        "draws alone": draws_alone(block, steps),
        "reading alone": products_alone(block, steps),
    }
    calls |= eager(lambda xp, device: eager_gaussian(xp, device, hessian, root, steps, replicas))
    return {name: Contender(call, steps * replicas) for name, call in calls.items()}


def eager(make: Callable[[Any, Any], Callable[[], Any]]) -> dict[str, Callable[[], Any]]:
    """Return the hand-written version in PyTorch if it is installed, else in CuPy if that is."""
    if importlib.util.find_spec("torch"):
        import torch

        on_gpu = jax.default_backend() != "cpu" and torch.cuda.is_available()
        return {"torch eager" if on_gpu else "torch eager (processor)": make(torch, "cuda" if on_gpu else "cpu")}
    if importlib.util.find_spec("cupy"):
        import cupy

        return {"cupy eager": make(cupy, None)}
    return {}


def arrays(xp: Any, device: Any, *numbers: np.ndarray) -> list[Any]:
    beside = {} if device is None else {"device": device}
    return [xp.asarray(array.astype(np.float32), **beside) for array in numbers]


def finish(xp: Any, device: Any) -> None:
    if device is None:
        xp.cuda.Device().synchronize()
    elif device == "cuda":
        xp.cuda.synchronize()


def eager_least_squares(
    xp: Any, device: Any, X: np.ndarray, y: np.ndarray, m: int, steps: int, replicas: int
) -> Callable[[], Any]:
    features, targets, start = arrays(xp, device, X, y, np.tile(np.linalg.lstsq(X, y)[0], (replicas, 1)))

    def run() -> Any:
        theta = start
        for _ in range(steps):
            if device is None:
                drawn = xp.random.randint(0, SAMPLES, (m, replicas))
            else:
                drawn = xp.randint(SAMPLES, (m, replicas), device=device)
            gradient = 0
            for picked in drawn:  # all at once would hold m states
                x = features[picked]
                gradient = gradient + x * ((x * theta).sum(1) - targets[picked])[:, None]
            theta = theta - (0.01 / (3 * X.shape[1] * m)) * gradient
        finish(xp, device)
        return theta

    return run


def eager_gaussian(
    xp: Any, device: Any, hessian: np.ndarray, root: np.ndarray, steps: int, replicas: int
) -> Callable[[], Any]:
    d = len(hessian)
    H, B, start = arrays(xp, device, hessian, root, np.zeros((d, replicas)))

    def run() -> Any:
        theta = start
        for _ in range(steps):
            if device is None:
                z = xp.random.standard_normal((d, replicas), dtype=xp.float32)
            else:
                z = xp.randn(d, replicas, device=device)
            theta = theta - 0.01 * (H @ theta + B @ z)
        finish(xp, device)
        return theta

    return run


def measured(name: str, contenders: dict[str, Contender], repeats: int, replicas: int) -> dict[str, Any]:
    """Return the medians of a row in nanoseconds per replica-step, and the share of the slower half."""
    times = interleave(contenders, repeats, time.perf_counter)
    medians = {key: 1e9 * statistics.median(value) for key, value in times.items()}
    share = max(medians["draws alone"], medians["reading alone"]) / medians["full step"]
    return {"row": name, "replicas": replicas, "share": share, "nanoseconds": medians}


def shown(row: dict[str, Any]) -> str:
    cells = ", ".join(f"{name} {value:.4g}" for name, value in row["nanoseconds"].items())
    met = "met" if row["share"] >= GOAL else "not met"
    return f"{row['row']:28s} {row['replicas']:8d} replicas  share {row['share']:.0%} ({met})  ns: {cells}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--save", help="where to save the rows as JSON")
    options.add_argument("--replicas", type=int, default=100_000)
    options.add_argument("--steps", type=int, default=200)
    options.add_argument("--repeats", type=int, default=5)
    options.add_argument("--largest", type=int, default=1000, help="leave out rows of more parameters")
    options.add_argument("--precision", choices=("float32", "float64"), default="float32")
    given = options.parse_args()
    if given.precision == "float64":
        jax.config.update("jax_enable_x64", True)
    about = machine() | {"device": jax.devices()[0].device_kind, "devices": len(jax.devices())}
    about |= {"precision": given.precision, "goal": GOAL}
    print(json.dumps(about, indent=1))
    if jax.default_backend() == "cpu":
        print("WARNING: JAX sees no accelerator; these are times of a processor, and the goal says nothing of them.")
    rows, shape = [], (given.replicas, given.steps, given.precision)
    for d, m in LEAST_SQUARES:
        if d <= given.largest:
            found = least_squares_contenders(d, m, *shape)
            rows.append(measured(f"least squares d={d} m={m}", found, given.repeats, given.replicas))
            print(shown(rows[-1]), flush=True)
    for d in GAUSSIAN:
        if d <= given.largest:
            found = gaussian_contenders(d, *shape)
            rows.append(measured(f"Gaussian noise d={d}", found, given.repeats, given.replicas))
            print(shown(rows[-1]), flush=True)
    if given.save:
        with open(given.save, "w", encoding="utf-8") as file:
            json.dump({"about": about, "rows": rows}, file, indent=1)


if __name__ == "__main__":
    main()
