"""All speed measurements beside what a user would pick instead, as one table.

    python benchmarks/run.py                                 # everything, about 4 minutes
    python benchmarks/run.py --rows lyapunov ou --quick      # names that begin so, fewer repeats
    python benchmarks/run.py --output benchmarks/results.json --write-docs

Contenders take turns in one process, on one thread but for the row of two; times are CPU seconds of the process
unless a note says otherwise; medians, with the least and the greatest ratio seen in one round. Peers that are not
installed are named (their pinned versions: benchmarks/requirements.txt).
"""

# ruff: noqa: E402
import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_variable] = "1"  # before NumPy is loaded; Numba's threads are set by the rows

import argparse
import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path

import rows_simulation
import rows_solvers
import rows_statistics
import table
from harness import Row, machine

ROWS: dict[str, Callable[[int], list[Row]]] = rows_simulation.ROWS | rows_statistics.ROWS | rows_solvers.ROWS
REPEATS, QUICK_REPEATS = 7, 2
HERE = Path(__file__).parent


def chosen_rows(prefixes: list[str]) -> dict[str, Callable[[int], list[Row]]]:
    """Return the rows whose names begin with one of some words; all if there are none."""
    unknown = [prefix for prefix in prefixes if not any(name.startswith(prefix) for name in ROWS)]
    if unknown:
        raise SystemExit(f"no row begins with {', '.join(unknown)}; there are: {', '.join(ROWS)}")
    return {name: row for name, row in ROWS.items() if not prefixes or name.startswith(tuple(prefixes))}


def main() -> None:
    """Measure, print, and save what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", nargs="*", default=[], metavar="NAME", help=f"of: {', '.join(ROWS)}")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, for a look; not for quoting")
    parser.add_argument("--output", type=Path, metavar="FILE.json")
    parser.add_argument("--write-docs", action="store_true", help="write the table into docs/performance.md")
    chosen = parser.parse_args()
    began, about, rows = time.perf_counter(), machine(), []
    print(table.heading(about), flush=True)
    for measure in chosen_rows(chosen.rows).values():
        found = measure(QUICK_REPEATS if chosen.quick else REPEATS)
        rows += found
        print("\n".join(table.plain_line(row) for row in found), flush=True)
    seconds = time.perf_counter() - began
    met, aimed = (sum(row.met is True for row in rows), sum(row.target is not None for row in rows))
    print(f"\n{met} of {aimed} targets met; {seconds:.0f} s")
    record = {
        "machine": about,
        "quick": chosen.quick,
        "seconds": round(seconds),
        "rows": [dataclasses.asdict(row) | {"met": row.met} for row in rows],
    }
    if chosen.output:
        chosen.output.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    if chosen.write_docs:
        table.write_between_markers(HERE.parent / "docs" / "performance.md", "run.py", table.markdown(record))


if __name__ == "__main__":
    main()
