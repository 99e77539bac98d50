"""The noise floor of SGD on real data: predicted, simulated, and what the diffusion limit would have said.

    python benchmarks/real_data.py                                # the whole table, more than half an hour
    python benchmarks/real_data.py --data diabetes --quick        # larger error bars
    python benchmarks/real_data.py --output benchmarks/real_data.json --write-docs

Least squares on three data sets, three batch sizes, without and with momentum, batches drawn in three ways. The
learning rate is a fixed share of the largest one that is stable in mean square with independent draws. The simulation
averages over time until its standard error is a fixed share of the floor.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import table
from harness import machine

import sgdtheory as st
from sgdtheory.data import load_dataset

DATA = ("diabetes", "digits", "mnist5k")
SAMPLINGS = ("replacement", "without_replacement", "reshuffle")
MOMENTA, BATCH_SIZES = (0.0, 0.9), (1, 8, 64)
SHARE = 0.2  # of the mean-square limit
PRECISION, QUICK = 0.005, 0.02  # standard error over the floor
REPLICAS = 64  # their spread is the error bar
RELAXATIONS = 14  # of the second moments, before averages begin: a part 1e-6 of the start is left
COMPONENTS = 50  # of the 784 pixels of mnist5k
HERE = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Cell:
    """One row of the table; floors are expected losses above the minimum."""

    data: str
    sampling: str
    momentum: float
    batch_size: int
    learning_rate: float
    predicted: float
    exact: bool
    simulated: float
    error: float
    diffusion: float

    @property
    def miss(self) -> float:
        """Simulated over predicted, minus one."""
        return self.simulated / self.predicted - 1

    @property
    def diffusion_miss(self) -> float:
        """The diffusion limit over simulated, minus one."""
        return self.diffusion / self.simulated - 1


def problem_of(name: str) -> st.LeastSquares:
    """Return a data set as least squares: features of variance 1, or the leading components of images."""
    data = load_dataset(name, standardize=name != "mnist5k")
    X, y = data.X, data.y - data.y.mean()
    if name == "mnist5k":
        centred = X - X.mean(axis=0)
        left, sizes, _ = np.linalg.svd(centred, full_matrices=False)
        X = left[:, :COMPONENTS] * sizes[:COMPONENTS]
    return st.LeastSquares(X, y / y.std())


def measure(name: str, problem: st.LeastSquares, precision: float) -> Iterator[Cell]:
    """Yield the rows of a data set."""
    for sampling, momentum, batch_size in itertools.product(SAMPLINGS, MOMENTA, BATCH_SIZES):
        rate = SHARE * st.stability_limit(problem, batch_size, momentum=momentum, kind="mean_square")
        optimizer = st.SGD(rate, batch_size, momentum=momentum, sampling=sampling)
        law = st.stationary_law(problem, optimizer)
        if sampling == "reshuffle":
            law = law.averaged()  # a time average sees all batches of an epoch
        simulated, error = simulated_floor(problem, optimizer, precision)
        # The diffusion limit knows neither momentum beyond its effective rate nor epochs.
        nearest = "without_replacement" if sampling == "without_replacement" else "replacement"
        slow = st.SGD(0.1 / problem.spectrum.eigenvalues[-1], batch_size, sampling=nearest)  # it is linear in the rate
        share = rate / (1 - momentum) / slow.learning_rate
        diffusion = share * st.stationary_law(problem, slow, limit="diffusion").excess_loss
        floor = float(law.excess_loss)
        yield Cell(name, sampling, momentum, batch_size, rate, floor, law.exact, simulated, error, float(diffusion))


def simulated_floor(problem: st.LeastSquares, optimizer: st.SGD, precision: float) -> tuple[float, float]:
    """Return the time average of the excess loss and its standard error, from runs that grow until that is small."""
    independent = dataclasses.replace(optimizer, sampling="replacement")
    burn_in = math.ceil(RELAXATIONS * st.stationary_law(problem, independent).mixing_time)
    length, seed = 3 * burn_in + 4 * problem.dataset_size, 0
    while True:
        run = st.simulate(
            problem, optimizer, length, REPLICAS, seed=seed, time_average=True, burn_in=burn_in, progress=False
        )
        share = run.excess_loss_standard_error / run.excess_loss
        if share <= precision:
            return run.excess_loss, run.excess_loss_standard_error
        # A fresh seed: a run is not kept because of how it came out.
        length, seed = burn_in + math.ceil((length - burn_in) * 1.2 * (share / precision) ** 2), seed + 1


def plain_line(cell: Cell) -> str:
    """Return a row for the terminal."""
    error = 100 * cell.error / cell.predicted
    return (
        f"{cell.data:9} {cell.sampling:20} momentum {cell.momentum:3g} batch {cell.batch_size:3d}"
        f"  predicted {cell.predicted:.5g}, simulated {100 * cell.miss:+.2f} +- {error:.2f} %"
        f", diffusion limit {100 * cell.diffusion_miss:+.1f} %"
    )


def markdown(record: dict) -> str:
    """Return the table of a record for the docs."""
    lines = [
        "| data | batches | momentum | batch size | learning rate | predicted floor | simulated / predicted - 1"
        " | diffusion limit / simulated - 1 |",
        "|---|---|--:|--:|--:|--:|--:|--:|",
    ]
    for row in record["rows"]:
        cell = Cell(**row)
        mark = "" if cell.exact else " *"
        lines.append(
            f"| {cell.data} | {cell.sampling.replace('_', ' ')} | {cell.momentum:g} | {cell.batch_size}"
            f" | {cell.learning_rate:.3g} | {cell.predicted:.4g}{mark}"
            f" | {100 * cell.miss:+.2f} ± {100 * cell.error / cell.predicted:.2f} %"
            f" | {100 * cell.diffusion_miss:+.1f} % |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and save what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", nargs="*", default=DATA, choices=DATA)
    parser.add_argument("--quick", action="store_true", help="larger error bars, for a look")
    parser.add_argument("--output", type=Path, metavar="FILE.json")
    parser.add_argument("--write-docs", action="store_true", help="write the table into docs/real_data.md")
    chosen = parser.parse_args()
    began, rows = time.perf_counter(), []
    for name in chosen.data:
        for cell in measure(name, problem_of(name), QUICK if chosen.quick else PRECISION):
            rows.append(dataclasses.asdict(cell))
            print(plain_line(cell), flush=True)
    record = {"machine": machine(), "seconds": round(time.perf_counter() - began), "rows": rows}
    if chosen.output:
        chosen.output.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if chosen.write_docs:
        table.write_between_markers(HERE.parent / "docs" / "real_data.md", "real_data.py", markdown(record))


if __name__ == "__main__":
    main()
