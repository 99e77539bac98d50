"""The benchmark's own arithmetic: verdicts, the written table, and the reference that precision is judged by."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def benchmarks(monkeypatch):
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import harness
    import peers
    import real_data
    import rows_statistics
    import table

    yield {
        "harness": harness,
        "peers": peers,
        "real_data": real_data,
        "rows_statistics": rows_statistics,
        "table": table,
    }
    for name in set(sys.modules) - before:
        if "benchmarks" in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


def record(harness, *rows):
    about = {"processor": "P", "cores": 2, "system": "S", "python": "3", "libraries": {"numpy": "2"}, "date": "D"}
    return {"machine": about, "quick": False, "rows": [{**vars(row), "met": row.met} for row in rows]}


def test_ratios_are_of_medians_and_judged_against_their_target(benchmarks):
    harness = benchmarks["harness"]
    times = {"ours": [1.0, 2.0, 4.0], "NumPy": [8.0, 12.0, 12.0]}
    (row,) = harness.versus("a row", times, "ours", {"NumPy": 6.0}, "ms", scale=1e3)
    assert (row.ours, row.peer, row.judged, row.least, row.most) == (2000.0, 12000.0, 6.0, 3.0, 8.0)
    assert row.met is True
    (missed,) = harness.versus("a row", times, "ours", {"NumPy": 6.1}, "ms")
    assert missed.met is False
    (absent,) = harness.versus("a row", times, "ours", {"JAX": 6.1}, "ms")
    assert absent.met is None
    assert "not installed" in absent.note


def test_turns_are_taken_and_the_first_is_not_counted(benchmarks):
    order, clock = [], iter(range(1000))
    contenders = {
        name: benchmarks["harness"].Contender(lambda name=name: order.append(name), work=2.0) for name in ("a", "b")
    }
    times = benchmarks["harness"].interleave(contenders, 3, lambda: float(next(clock)))
    assert order == ["a", "b"] * 4
    assert times == {"a": [0.5] * 3, "b": [0.5] * 3}


def test_the_written_table_says_what_was_missed(benchmarks, tmp_path):
    harness, table = benchmarks["harness"], benchmarks["table"]
    times = {"ours": [1.0], "NumPy": [8.0]}
    rows = harness.versus("fast", times, "ours", {"NumPy": 6.0}, "ms", floor=0.5, notes={"NumPy": "float64"})
    rows += harness.versus("slow", times, "ours", {"NumPy": 9.0}, "ms")
    page = tmp_path / "page.md"
    page.write_text(f"before\n{table.BEGIN.format('run.py')}\nold\n{table.END}\nafter\n")
    for _ in range(2):
        table.write_between_markers(page, "run.py", table.markdown(record(harness, *rows)))
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert text.count("| fast | NumPy (1) | 8x | 6x | yes | 8-8 | 1&nbsp;ms | 8 | 0.5 |") == 1
    assert text.count("| slow | NumPy | 8x | 9x | **no** | 8-8 | 1&nbsp;ms | 8 | -- |") == 1
    assert "1. float64\n" in text


def test_the_page_shows_the_saved_results(benchmarks):
    table = benchmarks["table"]
    saved = json.loads((ROOT / "benchmarks" / "results.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert table.markdown(saved) in text


def test_the_page_on_real_data_shows_the_saved_results_and_they_agree(benchmarks):
    """An exact law is beyond four standard errors in one of 16,000 rows by chance; an expansion may be 1 % off."""
    real_data = benchmarks["real_data"]
    saved = json.loads((ROOT / "benchmarks" / "real_data.json").read_text(encoding="utf-8"))
    assert real_data.markdown(saved) in (ROOT / "docs" / "real_data.md").read_text(encoding="utf-8")
    cells = [real_data.Cell(**row) for row in saved["rows"]]
    ways = len(real_data.SAMPLINGS) * len(real_data.MOMENTA) * len(real_data.BATCH_SIZES)
    assert len(cells) == ways * len({cell.data for cell in cells}) > 0
    for cell in cells:
        assert cell.error <= 0.01 * cell.predicted
        allowed = 4 * cell.error if cell.exact else 0.01 * cell.predicted
        assert abs(cell.simulated - cell.predicted) <= allowed, real_data.plain_line(cell)


def test_the_reference_of_the_precision_rows(benchmarks):
    """Two dense solutions that share nothing: of d^2 unknowns, and of d(d+1)/2 in the Hessian's eigenbasis."""
    rows, peers = benchmarks["rows_statistics"], benchmarks["peers"]
    rng = np.random.default_rng(1)
    X = rng.standard_normal((40, 3)) * [1.0, 2.0, 0.5]
    y = X.sum(axis=1) + rng.standard_normal(40)
    covariance = peers.dense_second_moment(X, y, rows.RATE)()
    assert covariance.trace() == pytest.approx(rows.exact_trace(X, y), rel=1e-11)
    # and one step leaves it as it is: mean over the samples of (I - eta x x') S (I - eta x x')' + eta^2 g g'
    gradients = X * (X @ np.linalg.lstsq(X, y)[0] - y)[:, None]
    after = np.zeros((3, 3))
    for x, g in zip(X, gradients, strict=True):
        M = np.eye(3) - rows.RATE * np.outer(x, x)
        after += (M @ covariance @ M.T + rows.RATE**2 * np.outer(g, g)) / len(X)
    np.testing.assert_allclose(after, covariance, rtol=1e-11, atol=1e-15)
