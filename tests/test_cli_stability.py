"""``sgdtheory stability``, run as a person runs it."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import sgdtheory as st
from sgdtheory.cli import app


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")

    def _run(*arguments, code=0):
        outcome = CliRunner().invoke(app, ["stability", *map(str, arguments)], prog_name="sgdtheory")
        assert outcome.exit_code == code, outcome.output + repr(outcome.exception)
        return outcome

    return _run


@pytest.fixture
def table(tmp_path):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((40, 2)), rng.standard_normal(40)
    path = tmp_path / "table.csv"
    lines = (f"{float(u)!r},{float(v)!r},{float(w)!r}\n" for (u, v), w in zip(X, y, strict=True))
    path.write_text("a,b,y\n" + "".join(lines))
    return path, np.column_stack([X, np.ones(40)]), y


def test_numbers_are_those_of_the_verb(run, table):
    path, X, y = table
    found = json.loads(
        run(path, "--target", "y", "--batch-sizes", "8,1", "--ridge", 0.1, "--exact-only", "--json").stdout
    )
    problem = st.LeastSquares(X, y, 0.1)
    assert [row["batch_size"] for row in found["rows"]] == [1, 8]
    for row in found["rows"]:
        for kind in ("mean_square", "mean", "batch_sharpness"):
            assert row[kind] == pytest.approx(st.stability_limit(problem, row["batch_size"], kind=kind), rel=1e-9)
        assert row["almost_sure"] is None
        assert row["bounds"]["sufficient"] < row["mean_square"] < row["bounds"]["divergent_mulayoff"]
    with_momentum = json.loads(
        run(path, "--target", "y", "--batch-sizes", 4, "--momentum", 0.9, "--nesterov", "--exact-only", "--json").stdout
    )
    wanted = st.stability_limit(st.LeastSquares(X, y), 4, momentum=0.9, nesterov=True)
    assert with_momentum["rows"][0]["mean_square"] == pytest.approx(wanted, rel=1e-9)


def test_table_and_plot(run, table, tmp_path):
    out = tmp_path / "limits.svg"
    text = run(table[0], "--target", "y", "--batch-sizes", "1,4", "--seed", 5, "--plot", out).stdout
    assert "mean square" in text
    assert "almost sure: simulated, seed 5" in text
    assert "intercept" in text
    assert f"Plot written to {out}" in " ".join(text.split())
    assert out.read_text().startswith("<?xml")
    again = run(table[0], "--target", "y", "--batch-sizes", "4", "--seed", 5).stdout
    rows = [line.split() for line in again.splitlines() if line.startswith("4 ")]
    assert len(rows) == 2
    assert rows == [line.split() for line in text.splitlines() if line.startswith("4 ")]


def test_real_data(run):
    found = json.loads(run("--dataset", "digits", "--batch-sizes", "1,64", "--exact-only", "--json").stdout)
    first, last = found["rows"]
    assert first["mean_square"] == pytest.approx(0.12238, rel=1e-3)
    assert first["mean_square"] < last["mean_square"] < last["mean"]
    assert found["critical_batch_size"] < 1


def test_usual_batch_sizes_fit_the_data_without_replacement(run, table):
    words = ("--target", "y", "--sampling", "without_replacement", "--exact-only", "--json")
    found = json.loads(run(table[0], *words).stdout)["rows"]
    assert [row["batch_size"] for row in found] == [1, 2, 4, 8, 16, 32, 40]
    assert found[-1]["mean_square"] == found[-1]["mean"]


def test_features_of_absurd_scale(run, tmp_path):
    path = tmp_path / "huge.csv"
    path.write_text("a,y\n1e150,1\n2e150,2\n3,3\n-1e150,1\n")
    assert "--standardize" in run(path, "--target", "y", code=2).stderr
    found = json.loads(run(path, "--target", "y", "--standardize", "--exact-only", "--json").stdout)
    assert 0 < found["rows"][0]["mean_square"] < 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give either a file or a data set"),
        (("nowhere.csv", "--target", "y"), "no such file"),
        (("--dataset", "digit"), "data set"),
        (("--dataset", "diabetes", "--target", "y"), "its own target"),
        (("TABLE", "--target", "z"), "target column"),
        (("TABLE",), "no target column"),
        (("TABLE", "--target", "y", "--batch-sizes", "1,,2"), "batch sizes"),
        (("TABLE", "--target", "y", "--batch-sizes", "0"), "batch sizes"),
        (("TABLE", "--target", "y", "--batch-sizes", "1e3"), "batch sizes"),
        (("TABLE", "--target", "y", "--batch-sizes", "2,2"), "batch sizes"),
        (
            ("TABLE", "--target", "y", "--batch-sizes", "41", "--sampling", "without_replacement"),
            "--batch-sizes with 41, of 40 samples",
        ),
        (("TABLE", "--target", "y", "--batch-sizes", "99999999999999999999999"), "batch size is too large"),
        (("TABLE", "--target", "y", "--momentum", "1"), "momentum lies outside"),
        (("TABLE", "--target", "y", "--momentum", "nan"), "momentum"),
        (("TABLE", "--target", "y", "--nesterov"), "nesterov without momentum"),
        (("TABLE", "--target", "y", "--ridge", "-1"), "ridge is negative"),
        (("TABLE", "--target", "y", "--ridge", "inf"), "ridge"),
        (("TABLE", "--target", "y", "--seed", "-1"), "seed"),
        (("TABLE", "--target", "y", "--plot", "out.txt"), "unknown kind of plot"),
        (("TABLE", "--target", "y", "--plot", "nowhere/out.png"), "folder of the plot"),
        (("TABLE", "--target", "y", "--drop", "q"), "column"),
    ],
)
def test_errors(run, table, arguments, message):
    outcome = run(*(table[0] if part == "TABLE" else part for part in arguments), code=2)
    assert message in outcome.stderr
    assert outcome.stderr.startswith("error: ")
    assert "to mend" in outcome.stderr
    assert "Traceback" not in outcome.output
    assert not outcome.stdout


def test_a_message_names_this_command(run):
    assert "sgdtheory stability --dataset" in run(code=2).stderr
