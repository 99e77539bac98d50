"""Run the simulations of the ladder as fresh random tests and see whether they hold their stated rates.

    python benchmarks/calibrate_statistics.py --seeds 200 --backend numpy

For every EXACT result and every seed the true value and a value 5 % too large are judged. Stated: no true value is
rejected (1e-6 for a whole ladder), and every wrong one is, but for one in a thousand. The z scores of true values are
pooled: their mean, variance and extremes are compared with the normal law.
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
from sgdtheory.numeric.experiment import CRITICAL
from sgdtheory.numeric.ladder import simulate_claims

EXACT = [name for name, form in results.items() if form.kind is Kind.EXACT]


def one_seed(seed: int, backend: str) -> tuple[list[float], int, int, int]:
    """Return the z scores of true values, false alarms, and caught and missed wrong values."""
    scores: list[float] = []
    alarms = caught = missed = 0
    for name in EXACT:
        form = results[name]
        for outcome in simulate_claims(form, seed, backends=(backend,)):
            # One component per simulation, drawn by the seed: the components of one simulation are dependent.
            scores.append(float(np.ravel(outcome.z)[seed % outcome.z.size]))
            alarms += outcome.rejected
        for outcome in simulate_claims(form, seed, SCALE * form.value, backends=(backend,)):
            caught += outcome.rejected
            missed += not outcome.rejected
    return scores, alarms, caught, missed


def main() -> None:
    """Print the rates."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=1, help="the suite itself uses seed 0")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--backend", choices=installed(), default="numpy")
    chosen = parser.parse_args()
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    with ProcessPoolExecutor(chosen.workers, mp_context=get_context("spawn")) as pool:  # JAX does not survive a fork
        found = list(pool.map(partial(one_seed, backend=chosen.backend), seeds))
    z = np.concatenate([scores for scores, *_ in found])
    alarms, caught, missed = (sum(counts[i] for counts in found) for i in (1, 2, 3))
    n = len(z)
    print(f"{chosen.seeds} fresh seeds on {chosen.backend}, {len(EXACT)} results, {n} simulations")
    print(f"accepted up to |z| = {CRITICAL:.2f}")
    print(f"true values rejected: {alarms} of {n}")
    print(f"values 5 % too large missed: {missed} of {caught + missed}")
    print(
        f"z of true values: mean {z.mean():+.4f} (se {1 / np.sqrt(n):.4f}), "
        f"variance {z.var():.4f} (se {np.sqrt(2 / n):.4f}), largest |z| {abs(z).max():.2f}"
    )
    for level in (2, 3, 4):
        print(f"  |z| > {level}: {np.mean(abs(z) > level):.5f}")


if __name__ == "__main__":
    main()
