"""Run the simulations of the ladder as fresh random tests and see whether they hold their stated rates.

    python benchmarks/calibrate_statistics.py --simulations 2000 --backend numpy

An EXACT result, a point of it and a seed are drawn at random, and the true value and a value 5 % too large are judged.
Stated: no true value is rejected (1e-6 for a whole ladder), and every wrong one is, but for one in a million. The z
scores of true values are pooled: their mean, variance and extremes are compared with the normal law.
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np

from sgdtheory.algebra.mutants import SCALE
from sgdtheory.catalogue import results
from sgdtheory.closed_form import Kind
from sgdtheory.numeric.engine.backends import installed
from sgdtheory.numeric.experiment import CRITICAL, simulators
from sgdtheory.numeric.ladder import simulate_claims

CHUNK = 20  # simulations that a worker is given at once


def trials(backend: str) -> list[tuple[str, int]]:
    """Return the EXACT results that a backend simulates, with the numbers of their points."""
    exact = [form for form in results.values() if form.kind is Kind.EXACT]
    there = [form for form in exact if simulators(form.process, (backend,)) == (backend,)]
    return [(form.name, number) for form in there for number in range(len(form.points))]


def judged(trial: tuple[str, int, int], backend: str) -> tuple[float, bool, bool]:
    """Return a z score of the true value, whether that is rejected, and whether the wrong value is."""
    name, number, seed = trial
    form = results[name]
    points = (form.points[number],)
    (right,) = simulate_claims(form, seed, points=points, backends=(backend,))
    (wrong,) = simulate_claims(form, seed, SCALE * form.value, points, (backend,))
    # One component per simulation, drawn by the seed: the components of one simulation are dependent.
    return float(np.ravel(right.z)[seed % right.z.size]), right.rejected, wrong.rejected


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=2000)
    parser.add_argument("--first", type=int, default=1, help="seed of the first; the suite itself uses seed 0")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--backend", choices=installed(), default="numpy")
    chosen = parser.parse_args()
    known, rng = trials(chosen.backend), np.random.default_rng(chosen.first)
    drawn = [
        (*known[number], chosen.first + place)
        for place, number in enumerate(rng.integers(len(known), size=chosen.simulations))
    ]
    with ProcessPoolExecutor(chosen.workers, mp_context=get_context("spawn")) as pool:  # JAX does not survive a fork
        found = list(pool.map(partial(judged, backend=chosen.backend), drawn, chunksize=CHUNK))
    z, alarms, caught = (np.array(column) for column in zip(*found, strict=True))
    n = len(z)
    print(f"{n} simulations with fresh seeds on {chosen.backend}, of {len(known)} results and points")
    print(f"accepted up to |z| = {CRITICAL:.2f}")
    print(f"true values rejected: {alarms.sum()} of {n}")
    print(f"values 5 % too large missed: {n - caught.sum()} of {n}")
    print(
        f"z of true values: mean {z.mean():+.4f} (se {1 / np.sqrt(n):.4f}), "
        f"variance {z.var():.4f} (se {np.sqrt(2 / n):.4f}), largest |z| {abs(z).max():.2f}"
    )
    for level in (2, 3, 4):
        print(f"  |z| > {level}: {np.mean(abs(z) > level):.5f}")


if __name__ == "__main__":
    main()
