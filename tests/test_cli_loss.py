"""``sgdtheory loss``: the numbers it prints against SciPy alone, and what a person may type wrongly."""

import re

import numpy as np
import pytest
from scipy import integrate, optimize, stats
from typer.testing import CliRunner

from sgdtheory.cli import app

MEAN = "(theta - x)**2 / 2"


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")

    def _run(loss, *data, code=0, parameters="theta", **options):
        arguments = ["loss", loss, "--parameters", parameters]
        for text in data:
            arguments += ["--data", text]
        for name, value in options.items():
            arguments += [f"--{name.replace('_', '-')}", str(value)]
        outcome = CliRunner().invoke(app, arguments, prog_name="sgdtheory")
        assert outcome.exit_code == code, outcome.output + repr(outcome.exception)
        return outcome.stdout if code == 0 else outcome.stderr

    return _run


def value(output, label):
    """What stands behind a label, or after "label = " in it."""
    return re.search(rf"^  {label} +(.*)$", output, re.MULTILINE)[1]


def test_the_first_model_in_symbols(run):
    output = run(MEAN, "x = Normal(mu, sigma)")
    assert value(output, "minimum") == "theta = mu"
    assert value(output, "Hessian") == "1"
    assert value(output, "gradient covariance there") == "sigma^2"
    assert value(output, "covariance") == "eta sigma^2 / (m (2 - eta))"
    assert value(output, "expected excess loss") == "eta sigma^2 / (2 m (2 - eta))"
    assert "Premise, one step of SGD" in output
    assert "[proved]" in output


LAWS = {
    "Normal(1.5, 2)": stats.norm(1.5, 2),
    "Uniform(-1, 3)": stats.uniform(-1, 4),
    "Exponential(2.5)": stats.expon(scale=1 / 2.5),
    "Gamma(1.5, 2)": stats.gamma(1.5, scale=2),
    "Laplace(1, 0.5)": stats.laplace(1, 0.5),
    "Bernoulli(0.3)": stats.bernoulli(0.3),
    "Poisson(3.5)": stats.poisson(3.5),
}


@pytest.mark.parametrize("law", LAWS)
def test_laws_are_parametrised_as_they_say(run, law):
    """The minimum of this loss is the mean, its gradient's covariance the variance; rationals are printed exactly."""
    output = run(MEAN, f"x={law}", learning_rate=0.3, batch_size=5)
    assert eval(value(output, "minimum").split("=")[1]) == pytest.approx(LAWS[law].mean(), rel=1e-12)
    variance = LAWS[law].var()
    assert eval(value(output, "gradient covariance there")) == pytest.approx(variance, rel=1e-12)
    wanted = 0.3 * variance / (5 * (2 - 0.3))
    assert float(value(output, "covariance")) == pytest.approx(wanted, rel=1e-5)
    assert float(value(output, "expected excess loss")) == pytest.approx(wanted / 2, rel=1e-5)


def test_a_regression_whose_samples_differ_in_curvature(run):
    """theta = 0 is best; E[(e')^2] = (1 - 2 eta + eta^2 (1 + 2/m)) E[e^2] + eta^2 s^2 / m, since E[x^4] = 3."""
    output = run("(theta*x - y)^2 / 2", "x=Normal(0, 1)", "y=Normal(0, 3)", learning_rate="1/10", batch_size=4)
    eta, m = 0.1, 4
    wanted = eta**2 * 9 / m / (2 * eta - eta**2 * (1 + 2 / m))
    assert float(value(output, "covariance")) == pytest.approx(wanted, rel=1e-5)


def test_two_parameters(run):
    output = run(
        "(a + b*x - y)^2/2", "x=Normal(2,1)", "y=Normal(0,1)", parameters="a, b", learning_rate=0.01, batch_size=8
    )
    assert value(output, "minimum") == "a = 0, b = 0"
    assert value(output, "Hessian") == "[1, 2; 2, 5]"
    assert value(output, "gradient covariance there") == "[1, 2; 2, 5]"
    first, second = value(output, "covariance").strip("[]").split("; ")
    found = np.array([[float(x) for x in row.split(", ")] for row in (first, second)])
    diffusion = 0.01 / (2 * 8) * np.eye(2)  # eta C / 2m, C being the Hessian; the rest is of order eta
    np.testing.assert_allclose(np.diag(found), np.diag(diffusion), rtol=0.1)


def test_a_logistic_loss_is_expanded_and_says_so(run):
    output = run("log(1 + exp(-theta*x)) + theta^2/20", "x=Normal(1, 1)", learning_rate=0.1, batch_size=4)

    def mean(function):
        return integrate.quad(lambda x: function(x) * stats.norm.pdf(x, 1, 1), -9, 11, epsabs=1e-13)[0]

    def slope(theta):
        return mean(lambda x: -x / (1 + np.exp(theta * x))) + theta / 10

    theta = optimize.brentq(slope, 0, 5, xtol=1e-13)
    hessian = mean(lambda x: x**2 / (2 + np.exp(theta * x) + np.exp(-theta * x))) + 0.1
    noise = mean(lambda x: (-x / (1 + np.exp(theta * x)) + theta / 10) ** 2)
    assert float(value(output, "minimum").split("=")[1]) == pytest.approx(theta, rel=1e-5)
    assert float(value(output, "Hessian")) == pytest.approx(hessian, rel=1e-5)
    assert float(value(output, "gradient covariance there")) == pytest.approx(noise, rel=1e-5)
    wanted = 0.1 * noise / (4 * hessian * (2 - 0.1 * hessian))
    assert float(value(output, "covariance")) == pytest.approx(wanted, rel=1e-5)
    assert "not quadratic" in value(output, "note")
    assert "Premise" not in output


def test_positive_constants_are_one_symbol_everywhere(run):
    """A name that is a scale in one law and a mean in another, and a penalty that must be positive."""
    output = run(MEAN + " + alpha*theta^2/2", "x = Normal(s, s)", positive="alpha")
    assert value(output, "minimum") == "theta = s / (1 + alpha)"
    assert "eta s^2" in value(output, "covariance")


def test_numbers_alone_give_no_law_until_they_are_asked(run):
    output = run(MEAN, "x = Normal(0, 1)")
    assert "Stationary law" not in output
    assert "Premise" in output


def test_latex(run):
    output = run(MEAN, "x = Normal(mu, sigma)", to="latex")
    assert r"\begin{equation*}" in output
    assert r"\frac{\eta \sigma^{2}}" in output
    assert "minimum  " not in output


DATA = "x = Normal(0, 1)"
MISTAKES = {
    "typo in a parameter": ((MEAN, DATA), {"parameters": "thata"}, ["did you mean theta"]),
    "no parameter": ((MEAN, DATA), {"parameters": ""}, ["name"]),
    "implicit product": (("2(theta - x)^2", DATA), {}, ["2*("]),
    "typo in a law": ((MEAN, "x = Norml(0, 1)"), {}, ["'Normal'", "Poisson(rate)"]),
    "no law": ((MEAN, "x"), {}, ["x = Normal(mean, standard deviation)"]),
    "a law alone": ((MEAN, "Normal(0, 1)"), {}, ["NAME = LAW(...)"]),
    "a number as law": ((MEAN, "x = 3"), {}, ["unknown law '3'"]),
    "too few arguments": ((MEAN, "x = Normal(0)"), {}, ["takes 2 arguments, not 1"]),
    "too many arguments": ((MEAN, "x = Poisson(1, 2)"), {}, ["takes 1 argument, not 2"]),
    "open bracket": ((MEAN, "x = Normal(0, 1"), {}, ["not closed"]),
    "no bracket": ((MEAN, "x = Normal"), {}, ["needs its arguments"]),
    "rest": ((MEAN, "x = Normal(0, 1) + 1"), {}, ["'+' cannot stand here"]),
    "negative scale": ((MEAN, "x = Normal(0, -1)"), {}, ["positive"]),
    "probability 2": ((MEAN, "x = Bernoulli(2)"), {}, ["[0, 1]"]),
    "empty interval": ((MEAN, "x = Uniform(1, 0)"), {}, ["low < high"]),
    "law of itself": ((MEAN, "x = Normal(x, 1)"), {}, ["x is data"]),
    "two laws": ((MEAN, DATA, "x = Poisson(1)"), {}, ["two laws"]),
    "law of nothing": ((MEAN, "z = Normal(0, 1)"), {}, ["does not contain it"]),
    "batch size as symbol": (("(theta - m*x)^2", DATA), {}, ["m already has a meaning"]),
    "learning rate as parameter": (("(eta - x)^2", DATA), {"parameters": "eta"}, ["eta already has a meaning"]),
    "rate without batch": ((MEAN, DATA), {"learning_rate": 0.1}, ["belong together"]),
    "rate no number": ((MEAN, DATA), {"learning_rate": "fast"}, ["not a number"]),
    "rate too large": ((MEAN, DATA), {"learning_rate": 2, "batch_size": 1}, ["stable"]),
    "batch of 0": ((MEAN, DATA), {"learning_rate": 1, "batch_size": 0}, ["batch size"]),
    "bad positive name": ((MEAN, DATA), {"positive": "a;b"}, ["name"]),
    "logistic in LaTeX": (("log(1 + exp(theta*x)) + theta^2", DATA), {"to": "latex"}, ["not quadratic"]),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_named_with_exit_code_2(run, name):
    arguments, options, words = MISTAKES[name]
    message = run(*arguments, code=2, **options)
    assert message.startswith("error: ")
    assert {"got:", "allowed:", "mend:"} <= set(message.split())
    for word in words:
        assert word in message


def test_help_shows_an_example_that_works(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    shown = CliRunner().invoke(app, ["loss", "--help"], prog_name="sgdtheory").stdout
    example = re.search(r'For example: sgdtheory loss "(.*?)" --parameters (\w+) --data "(.*?)"', shown)
    loss, parameters, data = example.groups()
    outcome = CliRunner().invoke(app, ["loss", loss, "--parameters", parameters, "--data", data])
    assert outcome.exit_code == 0
