"""The command line, run as a person runs it; its numbers against NumPy and SciPy alone."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sgdtheory import __version__
from sgdtheory.catalogue import results
from sgdtheory.cli import app
from sgdtheory.cli.files import columns
from sgdtheory.verbs import prediction


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")

    def _run(*arguments, code=0):
        outcome = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="sgdtheory")
        assert outcome.exit_code == code, outcome.output + repr(outcome.exception)
        return outcome

    return _run


@pytest.fixture
def table(tmp_path):
    """A table whose features are far from centred, and its numbers."""
    rng = np.random.default_rng(0)
    a, b = 1 + rng.standard_normal(60), 2 * rng.standard_normal(60)
    y = 1 + a - b / 2 + rng.standard_normal(60)
    path = tmp_path / "table.csv"
    path.write_text(
        "a,b,y\n" + "".join(f"{float(u)!r},{float(v)!r},{float(w)!r}\n" for u, v, w in zip(a, b, y, strict=True))
    )
    return path, np.column_stack([a, b, np.ones(60)]), y


def moments(X, y, ridge=0.0):
    """Hessian, minimum and gradient covariance, by least squares on an augmented table."""
    D, d = X.shape
    rows = np.vstack([X, np.sqrt(ridge * D) * np.eye(d)])
    minimum = np.linalg.lstsq(rows, np.concatenate([y, np.zeros(d)]), rcond=None)[0]
    gradients = X * (X @ minimum - y)[:, None]
    return X.T @ X / D + ridge * np.eye(d), minimum, np.cov(gradients.T, bias=True)


def whole_map(X, y, rate, share, ridge=0.0):
    """The map of E[z z'] with z = (theta - minimum, 1): share of one sample's step, the rest the mean step."""
    d = X.shape[1]
    _, minimum, _ = moments(X, y, ridge)
    steps = []
    for x, target in zip(X, y, strict=True):
        slope = x * (x @ minimum - target) + ridge * minimum
        M = np.eye(d) - rate * (np.outer(x, x) + ridge * np.eye(d))
        steps.append(np.block([[M, -rate * slope[:, None]], [np.zeros((1, d)), np.ones((1, 1))]]))
    mean = np.mean(steps, axis=0)
    return (1 - share) * np.kron(mean, mean) + share * np.mean([np.kron(step, step) for step in steps], axis=0)


def stationary(X, y, rate, share, ridge=0.0):
    """The stationary covariance, by squaring the map until nothing changes."""
    d = X.shape[1]
    last = np.zeros((d + 1, d + 1))
    last[d, d] = 1
    K = whole_map(X, y, rate, share, ridge)
    for _ in range(30):
        K = K @ K
    return (K @ last.ravel()).reshape(d + 1, d + 1)[:d, :d]


@pytest.mark.parametrize(("sampling", "ridge"), [("replacement", 0.0), ("without_replacement", 0.3)])
def test_predicted_numbers(run, table, sampling, ridge):
    path, X, y = table
    found = json.loads(
        run(
            "predict",
            path,
            "--target",
            "y",
            "--batch-size",
            4,
            "--learning-rate",
            0.1,
            "--sampling",
            sampling,
            "--ridge",
            ridge,
            "--json",
        ).stdout
    )
    H, minimum, C = moments(X, y, ridge)
    S = stationary(X, y, 0.1, 1 / 4 if sampling == "replacement" else (60 - 4) / (60 - 1) / 4, ridge)
    eigenvalues = np.linalg.eigvalsh(H)
    loss = ((X @ minimum - y) ** 2).mean() / 2 + ridge * minimum @ minimum / 2
    expected = {
        "minimum_loss": loss,
        "start_excess_loss": (y**2).mean() / 2 - loss,
        "excess_loss": np.trace(H @ S) / 2,
        "excess_loss_percent_of_minimum": 50 * np.trace(H @ S) / loss,
        "gradient_norm_squared": np.trace(H @ S @ H),
        "stability_limit_of_the_mean": 2 / eigenvalues[-1],
        "generalization_gap": np.trace(np.linalg.solve(H, C)) / 60,
    }
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, rel=1e-9), name
    assert found["curvature"]["condition_number"] == pytest.approx(eigenvalues[-1] / eigenvalues[0])
    assert found["curvature"]["trace"] == pytest.approx(np.trace(H))
    assert found["noise"]["curvature_weighted_trace"] == pytest.approx(np.trace(H @ C))
    assert list(found["mean"]) == ["a", "b", "intercept"]
    np.testing.assert_allclose(list(found["mean"].values()), minimum, rtol=1e-9)
    np.testing.assert_allclose(list(found["standard_deviation"].values()), np.sqrt(np.diagonal(S)), rtol=1e-9)
    assert found["relaxation_time"]["slowest"] == pytest.approx(-1 / np.log(1 - 0.1 * eigenvalues[0]))
    assert set(found["results"]) - set(results) == {"moments of the update with sampled curvatures"}
    assert found["exact"] is True
    assert found["caveats"] == []


def excess_losses(X, y, rate, share, steps):
    """The expected excess loss from zero after 0, 1, ... steps."""
    d = X.shape[1]
    H, minimum, _ = moments(X, y)
    K, z, seen = whole_map(X, y, rate, share), np.append(-minimum, 1.0), []
    moment = np.outer(z, z).ravel()
    for _ in range(steps):
        seen.append((H * moment.reshape(d + 1, d + 1)[:d, :d]).sum() / 2)
        moment = K @ moment
    return np.array(seen)


def test_steps_to_the_floor(run, table):
    path, X, y = table
    found = json.loads(
        run("predict", path, "--target", "y", "--batch-size", 4, "--learning-rate", 0.02, "--json").stdout
    )
    away = np.abs(excess_losses(X, y, 0.02, 1 / 4, 3000) / found["excess_loss"] - 1)
    assert found["steps_to_floor"] == np.flatnonzero(away > 0.10)[-1] + 1
    assert found["steps_to_settle"] == np.flatnonzero(away > 0.01)[-1] + 1


def test_recommended_rate_follows_its_rule(run, table):
    path, X, y = table
    found = json.loads(run("predict", path, "--target", "y", "--batch-size", 4, "--json").stdout)
    H, minimum, _ = moments(X, y)
    loss = ((X @ minimum - y) ** 2).mean() / 2

    def share(rate):
        return np.trace(H @ stationary(X, y, rate, 1 / 4)) / 2 / loss

    rate = found["optimizer"]["learning_rate"]
    assert found["optimizer"]["learning_rate_is_given"] is False
    assert share(rate) <= 0.05 < share(rate * 1.01)
    large = json.loads(run("predict", path, "--target", "y", "--batch-size", 10_000, "--json").stdout)
    half = 1 / np.linalg.eigvalsh(H)[-1]
    assert 0.99 * half < large["optimizer"]["learning_rate"] <= half


def test_best_next_step(run, table):
    path, X, y = table
    found = json.loads(run("predict", path, "--target", "y", "--batch-size", 4, "--cost", "50,1", "--json").stdout)
    gradients = -X * y[:, None]
    g, C, H = gradients.mean(axis=0), np.cov(gradients.T, bias=True), X.T @ X / 60
    gHg, noise = g @ H @ g, np.trace(H @ C)
    assert found["noise"]["scale"] == pytest.approx(noise / gHg)
    assert found["next_step"]["learning_rate"] == pytest.approx(g @ g / (gHg + noise / 4))
    assert found["next_step"]["expected_decrease"] == pytest.approx((g @ g) ** 2 / (gHg + noise / 4) / 2)
    assert abs(found["next_step_for_cost"]["batch_size"] - np.sqrt(50 * noise / gHg)) < 1


def test_noise_free_data(run, tmp_path):
    path = tmp_path / "line.csv"
    path.write_text("x,y\n1,3\n2,5\n4,9\n")
    text = " ".join(run("predict", path, "--target", "y", "--plot", tmp_path / "line.png").stdout.split())
    assert "noise floor zero: there is no gradient noise at the minimum" in text
    assert "the expected loss falls for ever" in text
    found = json.loads(run("predict", path, "--target", "y", "--json", "--check", "--replicas", 50).stdout)
    assert found["excess_loss"] == pytest.approx(0, abs=1e-20)
    assert found["excess_loss_percent_of_minimum"] is None
    assert found["steps_to_floor"] is None
    assert found["optimizer"]["learning_rate"] == pytest.approx(found["stability_limit"] / 2, rel=0.01)
    assert found["stability_limit"] < found["stability_limit_of_the_mean"]


def test_a_batch_of_all_data_has_no_noise(run, table):
    path, X, y = table
    found = json.loads(
        run(
            "predict",
            path,
            "--target",
            "y",
            "--batch-size",
            60,
            "--sampling",
            "without_replacement",
            "--check",
            "--replicas",
            2,
            "--json",
        ).stdout
    )
    assert found["excess_loss"] == 0
    assert found["steps_to_floor"] is None
    assert found["check"]["covariance_worst_entry"]["standard_error"] is None  # two runs show no spread of a square
    H, minimum, _ = moments(X, y)
    M = np.linalg.matrix_power(np.eye(3) - found["optimizer"]["learning_rate"] * H, found["check"]["steps"])
    np.testing.assert_allclose(
        [pair["simulated"] for pair in found["check"]["mean"].values()], minimum - M @ minimum, rtol=1e-9
    )


def test_text_report(run):
    text = run("predict", "--dataset", "diabetes", "--cost", "10,1").stdout
    for piece in (
        "442, 11; target: progression",
        "features standardised",
        "condition number 470.1",
        "tr(C)",
        "in mean square at this batch size",
        "squares forget the start",
        "recommended: the smaller of half",
        "5 %",
        "bmi",
        "intercept",
        "moments of the update with sampled curvatures",
        "only an approximation",  # of the generalization gap
        "steps to the floor",
        "best batch size",
        "expected test loss minus expected training",
    ):
        assert piece in " ".join(text.split()), piece
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_check_shows_predicted_beside_simulated(run, table):
    path, *_ = table
    arguments = (
        "predict",
        path,
        "--target",
        "y",
        "--batch-size",
        4,
        "--learning-rate",
        0.05,
        "--check",
        "--replicas",
        500,
    )
    outcome = run(*arguments)
    flat = " ".join(outcome.stdout.split())
    assert "Check: 500 runs of" in flat
    assert "predicted simulated excess loss" in flat
    assert "the prediction" in flat
    assert "verdict agrees" in flat
    assert outcome.stderr == ""
    found = json.loads(run(*arguments, "--json").stdout)["check"]
    assert found["steps"] > 10
    excess = found["excess_loss"]
    assert found["deviation"] == pytest.approx(excess["simulated"] / excess["predicted"] - 1)
    assert 0 < found["deviation_standard_error"] < 0.2
    assert abs(found["deviation"]) < 5 * found["deviation_standard_error"]
    assert f"seed 0, backend {found['backend']}" in flat  # the seed means this run on this backend only
    assert found["precision"] == "float64"
    again = json.loads(run(*arguments, "--json").stdout)["check"]
    other = json.loads(run(*arguments, "--json", "--seed", 1).stdout)["check"]
    assert again == found
    assert other["excess_loss"]["simulated"] != excess["simulated"]


def test_the_entries_that_a_check_shows_explain_its_verdict(run, table, monkeypatch):
    """The law of constant noise in place of the exact one differs, and the check says by how much and where."""
    from sgdtheory.verbs.law import Law

    def constant(problem, optimizer, start, steps):
        return Law(problem, optimizer, None, start, steps)

    path, X, _ = table
    limit = 2 / np.linalg.eigvalsh(X.T @ X / 60)[-1]
    arguments = ("predict", path, "--target", "y", "--batch-size", 2, "--learning-rate", limit / 4, "--check", "--json")
    monkeypatch.setattr(prediction, "transient_law", constant)
    text = " ".join(run(*arguments[:-1]).stdout.split())
    entry = json.loads(run(*arguments).stdout)["check"]["covariance_worst_entry"]
    z = (entry["simulated"] - entry["predicted"]) / entry["standard_error"]
    assert "differs by more than chance: covariance" in text
    one, two = entry["parameters"]
    name = f"variance of {one}" if one == two else f"covariance of {one} with {two}"
    assert f"worst are the {name}, {abs(z):.1f} standard errors off" in text
    chance = float(re.search(r"up to ([\d.]+) may be chance", text)[1])
    assert abs(z) > chance > 3
    assert "trace" not in text.split("Check: ")[1]


def test_the_standard_error_of_the_worst_entry_is_the_spread_of_seeds(run, table):
    """Over 40 seeds the variance of a has a spread within a third of what a run says: 1/sqrt(80) = 11 % is noise."""
    from sgdtheory.data import read_table

    predicted = prediction.predict(read_table(table[0], "y"), 4, learning_rate=0.02)
    checks = [prediction.check(predicted, replicas=300, seed=seed, steps=60) for seed in range(40)]
    seen = np.array([found.run.covariance[0, 0] for found in checks])
    said = np.mean([found.run.covariance_standard_error[0, 0] for found in checks])
    assert seen.std(ddof=1) == pytest.approx(said, rel=1 / 3)  # a false alarm once in 300 sets of seeds
    for found in checks[:3]:
        z = found.report.z["covariance"]
        assert abs(z[found.worst("covariance")]) == abs(z).max()
        assert abs(found.report.z["mean"][found.worst("mean")]) == abs(found.report.z["mean"]).max()


@pytest.mark.parametrize("share", [1 / 200, 1 / 4])
def test_small_rates_agree_and_large_ones_too(run, table, share):
    """At a quarter of the mean's limit constant noise would be tens of percent off; the false alarm rate is 1e-3."""
    path, X, _ = table
    limit = 2 / np.linalg.eigvalsh(X.T @ X / 60)[-1]
    arguments = ("predict", path, "--target", "y", "--batch-size", 2, "--check", "--replicas", 3000)
    text = " ".join(run(*arguments, "--learning-rate", limit * share).stdout.split())
    assert "verdict agrees" in text


def test_a_rate_beyond_the_limit_in_mean_square_is_refused(run):
    outcome = run("predict", "--dataset", "diabetes", "--batch-size", 1, "--learning-rate", 0.3, code=2)
    assert "the limit in mean square" in outcome.stderr
    assert "take, for example," in outcome.stderr


def test_a_check_that_would_take_too_long_is_shortened_and_says_so(run, table, monkeypatch):
    path, X, y = table
    monkeypatch.setattr(prediction, "MOST_WORK", dict.fromkeys(prediction.MOST_WORK, 4 * 3 * 200 * 123))
    arguments = ("predict", path, "--target", "y", "--batch-size", 4, "--learning-rate", 0.005, "--check")
    text = " ".join(run(*arguments).stdout.split())
    found = json.loads(run(*arguments, "--json").stdout)
    wanted, seen = found["steps_to_settle"], found["check"]
    assert wanted > 1000
    assert (seen["replicas"], seen["steps"], seen["steps_wanted"]) == (205, 120, wanted)  # 200 * 123 = 205 * 120
    assert f"settling takes {wanted} steps, too many to run unasked: 120 were run" in text
    assert f"--steps {wanted} runs them all" in text
    assert "the simulated excess loss after 120 steps is" in text
    expected = excess_losses(X, y, 0.005, 1 / 4, 121)[120]
    assert seen["excess_loss"]["predicted"] == pytest.approx(expected, rel=1e-9)
    assert abs(seen["excess_loss"]["simulated"] - expected) < 6 * seen["excess_loss"]["standard_error"]
    asked = json.loads(run(*arguments, "--steps", 300, "--json").stdout)["check"]
    assert (asked["steps"], asked["steps_wanted"]) == (300, None)
    fewer = json.loads(run(*arguments, "--replicas", 20, "--json").stdout)["check"]
    assert (fewer["replicas"], fewer["steps"]) == (20, 1200)


def test_a_check_that_is_affordable_is_run_to_its_end(run, table):
    found = json.loads(run("predict", table[0], "--target", "y", "--learning-rate", 0.05, "--check", "--json").stdout)
    assert found["check"]["steps"] == found["steps_to_settle"]
    assert found["check"]["steps_wanted"] is None
    assert found["check"]["replicas"] == 4000


@pytest.mark.slow
def test_digits_are_checked_within_ten_seconds(tmp_path):
    """In a fresh process that must compile first; CPU seconds of all threads, which other programs do not prolong."""
    code = (
        "import time, atexit\n"
        "atexit.register(lambda: print('seconds', time.process_time()))\n"
        "from sgdtheory.cli import main; main()"
    )
    call = [sys.executable, "-c", code, "predict", "--dataset", "digits", "--check"]
    found = subprocess.run(
        call, capture_output=True, text=True, check=True, env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    )
    text = " ".join(found.stdout.split())
    assert "settling takes 3328978 steps, too many to run unasked" in text
    assert float(text.rsplit("seconds ", 1)[1]) < 10


def test_a_course_that_rounding_spoils_is_told(run, tmp_path):
    """Raw units, twelve decades of curvature: the prediction stands, and says how good its course is."""
    rng = np.random.default_rng(0)
    scale = 10.0 ** -np.linspace(0, 6, 27)
    X = rng.lognormal(size=(300, 27)) * scale
    np.savez(tmp_path / "raw.npz", X=X, y=X @ (rng.normal(size=27) / scale) + rng.normal(size=300))
    found = json.loads(run("predict", tmp_path / "raw.npz", "--batch-size", 8, "--json").stdout)
    assert found["curvature"]["condition_number"] > 1e10
    assert found["steps_to_floor"] > 1e6
    assert found["course_error"] > 1e-3
    assert any("good to" in caveat and "of the noise floor only" in caveat for caveat in found["caveats"])
    found = json.loads(run("predict", tmp_path / "raw.npz", "--batch-size", 8, "--standardize", "--json").stdout)
    assert found["course_error"] < 1e-6
    assert not any("of the noise floor only" in caveat for caveat in found["caveats"])


def test_divergence_is_said_clearly(run, tmp_path):
    rng = np.random.default_rng(0)
    X = rng.standard_t(2.1, (200, 2))
    np.savez(tmp_path / "heavy.npz", X=X, y=X[:, 0] + rng.standard_normal(200))
    limit = 2 / np.linalg.eigvalsh(X.T @ X / 200)[-1]
    outcome = run(
        "predict",
        tmp_path / "heavy.npz",
        "--no-intercept",
        "--batch-size",
        1,
        "--learning-rate",
        0.9 * limit,
        "--check",
        "--steps",
        5000,
        "--replicas",
        50,
        code=2,
    )
    assert "the second moment of the parameters diverges" in outcome.stderr
    assert "the limit in mean square" in outcome.stderr
    assert "Traceback" not in outcome.stderr


@pytest.mark.parametrize("extra", [(), ("--check", "--replicas", 50)])
@pytest.mark.parametrize("columns", [("--drop", "b", "--no-intercept"), ()])
def test_plot(run, table, tmp_path, extra, columns):
    out = tmp_path / "out.png"
    run("predict", table[0], "--target", "y", *columns, *extra, "--plot", out)
    assert out.read_bytes().startswith(b"\x89PNG")
    assert out.stat().st_size > 10_000


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give either a file or a data set"),
        (("x.csv", "--dataset", "diabetes"), "give either a file or a data set"),
        (("--dataset", "diabets"), "did you mean 'diabetes'"),
        (("--dataset", "diabetes", "--target", "bmi"), "has its own target"),
        (("--dataset", "diabetes", "--drop", "bmy"), "did you mean 'bmi'"),
        (("absent.csv", "--target", "y"), "no such file"),
        (("--dataset", "diabetes", "--batch-size", 0), "batch size is not a whole number >= 1"),
        (("--dataset", "diabetes", "--batch-size", 443, "--sampling", "without_replacement"), "larger than the"),
        (("--dataset", "diabetes", "--learning-rate", 0.6), "below 0.496992 = 2/4.02421"),
        (("--dataset", "diabetes", "--learning-rate", -1), "learning rate is not positive"),
        (("--dataset", "diabetes", "--learning-rate", "nan"), "learning_rate"),
        (("--dataset", "diabetes", "--ridge", -1), "ridge is negative"),
        (("--dataset", "diabetes", "--cost", "ten"), "--cost 10,1"),
        (("--dataset", "diabetes", "--plot", "/nowhere/out.png"), "folder of the plot does not exist"),
        (("--dataset", "diabetes", "--plot", "out.gif"), "unknown kind of plot"),
        (("--dataset", "diabetes", "--check", "--replicas", 1), "replicas is not a whole number >= 2"),
        (("--dataset", "diabetes", "--check", "--steps", -5), "steps is not a whole number >= 0"),
        (("--dataset", "diabetes", "--check", "--seed", -1), "seed is not a whole number >= 0"),
    ],
)
def test_errors_of_predict(run, arguments, message):
    outcome = run("predict", *arguments, code=2)
    assert message in outcome.stderr
    assert outcome.stdout == ""  # refused before anything is printed
    assert outcome.stderr.startswith("error: ")
    assert "to mend: " in outcome.stderr
    assert "Traceback" not in outcome.output


def test_singular_data_are_mended_by_a_ridge(run, tmp_path):
    x = np.arange(6.0)
    np.savez(tmp_path / "twice.npz", X=np.column_stack([x, 2 * x]), y=x**2)
    outcome = run("predict", tmp_path / "twice.npz", "--json", code=2)
    assert "not positive definite" in outcome.stderr
    assert "--ridge 0.01" in outcome.stderr
    assert outcome.stdout == ""
    mended = json.loads(run("predict", tmp_path / "twice.npz", "--json", "--ridge", 0.01).stdout)
    assert mended["curvature"]["smallest"] == pytest.approx(0.01)


def test_list(run):
    text = run("list").stdout
    assert all(name in text for name in results)
    exact = run("list", "--kind", "exact").stdout
    assert "quadratic.stationary_covariance " in exact
    assert "[asymptotic]" not in exact


def test_show(run):
    text = run("show", "quadratic.stationary_covariance_diffusion").stdout
    assert "Sigma_ij = eta C_ij / (m (lambda_i + lambda_j))" in text
    assert "mandt2017" in text


def test_derive(run):
    text = run("derive", "quadratic.stationary_covariance").stdout
    assert "steps, checked again just now (" in text
    assert " proved" in text
    assert "Premise, one step of SGD with additive noise" in text
    relaxation = run("derive", "quadratic.relaxation_time").stdout
    assert "1 checked to 50 digits" in relaxation


@pytest.mark.parametrize(
    ("to", "piece"),
    [
        ("latex", r"\begin{document}"),
        ("html", "<math display="),
        ("markdown", "# Stationary covariance, exact"),
        ("text", "E[x_i' x_j']"),
    ],
)
def test_derive_to_other_formats(run, tmp_path, to, piece):
    arguments = ("derive", "quadratic.stationary_covariance", "--to", to)
    printed = run(*arguments).stdout
    assert piece in printed
    path = tmp_path / "page"
    path.write_text("old")
    assert run(*arguments, "-o", path).stdout == f"wrote {path}\n"
    assert path.read_text() == printed
    link = tmp_path / "link"
    link.symlink_to(path)
    run(*arguments, "-o", link)
    assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [link, path]
    run(*arguments, "-o", "/dev/null")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("ending", "begins"), [("tex", r"\documentclass"), ("html", "<!DOCTYPE"), ("md", "# "), ("txt", "quadratic.")]
)
def test_the_name_of_the_file_says_the_format(run, tmp_path, ending, begins):
    path = tmp_path / f"page.{ending}"
    run("derive", "quadratic.mean_stability_limit", "-o", path)
    assert path.read_text().startswith(begins)
    assert path.read_text().endswith("\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("derive", "--to", "pdf", "-o", "x.html"), "the file's name says another format"),
        (("derive", "--to", "text", "-o", "x.pdf"), "write -o x.txt"),
        (("derive", "-o", "x.svg"), "the file's name does not say its format"),
        (("derive", "-o", "x"), "the file's name does not say its format"),
        (("derive", "-o", "x" * 300 + ".tex"), "File name too long"),
        (("derive", "--to", "latex", "-o", "."), "quadratic.mean_stability_limit.tex"),
        (("derive", "--to", "html", "-o", "/proc/x.html"), "got:     /proc/x.html: "),
        (("derive", "--to", "markdown", "-o", "/dev/full"), "No space left on device"),
        (("book", "--to", "pdf", "-o", "x.tex"), "write -o x.pdf"),
        (("book", "-o", "x.md"), "the file's name does not say its format"),
        (("book",), "the format is not given"),
    ],
)
def test_outputs_that_are_refused(run, tmp_path, monkeypatch, arguments, says):
    monkeypatch.chdir(tmp_path)
    command, *options = arguments
    name = ["quadratic.mean_stability_limit"] if command == "derive" else []
    outcome = run(command, *name, *options, code=2)
    assert says in outcome.stderr
    assert ".part" not in outcome.stderr
    assert outcome.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [("show", "quadratic.mean_stability_limit"), ("--help",)])
def test_a_full_disk_is_one_clear_message(arguments):
    call = [sys.executable, "-c", "from sgdtheory.cli import main; main()", *arguments]
    with open("/dev/full", "w") as full:
        done = subprocess.run(call, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert "got:     No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize(("looked_at", "terminal", "wanted"), [(True, 60, 60), (True, 300, 100), (False, 60, 100)])
def test_text_is_as_wide_as_the_terminal(monkeypatch, looked_at, terminal, wanted):
    monkeypatch.setenv("COLUMNS", str(terminal))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: looked_at, raising=False)
    assert columns() == wanted


def test_files_of_default_names_are_not_replaced(run, tmp_path, monkeypatch):
    from sgdtheory.render import pdf

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(pdf, "compiled", lambda source: b"%PDF" + source[:20].encode())
    monkeypatch.setattr(pdf, "check_installed", lambda: None)  # nothing is compiled here
    name = "quadratic.mean_stability_limit"
    assert run("derive", name, "--to", "pdf").stdout == f"wrote {name}.pdf\n"
    refused = run("derive", name, "--to", "pdf", code=2)
    assert "exists already" in refused.stderr
    assert "--force" in refused.stderr
    run("derive", name, "--to", "pdf", "--force")
    run("derive", name, "--to", "pdf", "-o", f"{name}.pdf")
    assert [path.name for path in tmp_path.iterdir()] == [f"{name}.pdf"]
    assert "is a folder" in run("derive", name, "--to", "html", "-o", tmp_path, code=2).stderr
    assert "folder of the output does not exist" in run("derive", name, "--to", "html", "-o", "no/x", code=2).stderr


def test_book(run, tmp_path, monkeypatch):
    from sgdtheory.render import book

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(book, "results", {name: results[name] for name in list(results)[:2]})
    assert run("book", "--to", "latex").stdout == "wrote sgdtheory-book.tex\n"
    assert r"\chapter{Quadratic: constant curvature" in (tmp_path / "sgdtheory-book.tex").read_text()
    assert "exists already" in run("book", "--to", "latex", code=2).stderr
    run("book", "--to", "html", "-o", "book.html")
    assert list(results)[1] in (tmp_path / "book.html").read_text()


def test_book_without_latex_gives_the_line_that_installs_it(run, tmp_path, monkeypatch):
    from sgdtheory.render import book

    monkeypatch.setattr(book, "results", {})
    monkeypatch.setenv("PATH", str(tmp_path))
    outcome = run("book", "--to", "pdf", "-o", tmp_path / "book.pdf", code=2)
    assert "apt-get install -y --no-install-recommends latexmk texlive-latex-base" in outcome.stderr
    assert list(tmp_path.iterdir()) == []


def test_cite(run):
    text = run("cite", "quadratic.stationary_covariance_diffusion").stdout
    assert "@article{mandt2017," in text
    assert "% eq. (13)" in text
    assert "% prints a variant that is wrong: Theorem 2" in text
    assert text.count("@article{mandt2017,") == 1, "a source that is right in one place and wrong in another"
    for line in text.splitlines():
        assert line.startswith(("%", "@", "  ", "}")) or not line
    assert (
        "Mandt, Hoffman & Blei (2017)"
        in run("cite", "quadratic.stationary_covariance_diffusion", "--to", "text").stdout
    )
    own = run("cite", "quadratic.optimal_batch_size").stdout
    assert own.splitlines()[1] == "@misc{sgdtheory,"
    assert f"version {__version__};" in own
    year = re.search(r"Copyright \(c\) (\d{4})", (Path(__file__).parents[1] / "LICENSE").read_text())[1]
    assert f"  year    = {{{year}}},\n" in own
    assert "no printed source" in run("cite", "quadratic.optimal_batch_size", "--to", "text").stdout


@pytest.mark.parametrize("command", ["show", "derive", "verify", "cite"])
def test_unknown_results_offer_the_nearest(run, command):
    outcome = run(command, "quadratic.stationary_covarianc", code=2)
    assert "did you mean 'quadratic.stationary_covariance'" in outcome.stderr


def test_verify(run):
    name = "quadratic.mean_stability_limit"
    text = run("verify", name).stdout
    assert "1 result, 5 rungs passed, 0 results failed" in text
    found = json.loads(run("verify", name, "--json", "--seed", 3).stdout)
    assert found["seed"] == 3
    assert [rung["number"] for rung in found["results"][0]["rungs"]] == [1, 2, 3, 4, 5]
    assert "'seven'" in run("verify", name, "--seed", "seven", code=2).stderr


def test_verify_on_one_backend(run, monkeypatch):
    from sgdtheory.numeric.engine import backends

    name = "quadratic.mean_stability_limit"
    text = run("verify", name, "--backend", "numpy").stdout
    assert text.startswith("seed 0, simulated in numpy\n")
    assert re.search(r"simulation: max \|z\| numpy \d\.\d\d of", text)
    found = json.loads(run("verify", name, "--json").stdout)
    assert found["backends"] == list(backends.installed())
    detail = found["results"][0]["rungs"][3]["detail"]
    assert all(f"{backend} " in detail for backend in backends.installed())
    assert "'numpy', 'numba', 'jax'" in run("verify", name, "--backend", "cupy", code=2).stderr
    monkeypatch.setattr(backends, "installed", lambda: ("numpy",))
    refused = run("verify", name, "--backend", "numba", code=2)
    assert refused.stdout == ""
    assert "pip install 'sgdtheory[fast]'" in refused.stderr


def test_a_failing_rung_is_exit_code_one(run, monkeypatch):
    from sgdtheory.numeric import ladder

    real = ladder.climb

    def broken(form, *, seed, backends):
        yield from real(form, seed=seed, rungs=(1,), backends=backends)
        raise RuntimeError("the second rung fell")

    monkeypatch.setattr(ladder, "climb", broken)
    name = "quadratic.mean_stability_limit"
    text = run("verify", name, code=1).stdout
    assert "FAILED" in text
    assert "the second rung fell" in text
    assert json.loads(run("verify", name, "--json", code=1).stdout)["failed"] == [name]


def test_version_and_help(run):
    assert run("--version").stdout.strip() == f"sgdtheory {__version__}"
    text = run("--help").stdout
    assert all(command in text for command in ("predict", "list", "show", "derive", "verify", "book", "cite"))


def test_the_package_is_the_command():
    call = [sys.executable, "-m", "sgdtheory", "--version"]
    assert subprocess.run(call, capture_output=True, text=True, check=True).stdout.strip() == f"sgdtheory {__version__}"


def test_help_loads_nothing_heavy():
    heavy = ("numpy", "scipy", "sympy", "matplotlib", "pandas", "jax", "numba")
    code = (
        "import sys\nfrom sgdtheory.cli import app\n"
        "try:\n    app(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
