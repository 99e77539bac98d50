"""The derivation of a stated loss: complete, proved, printable, and standing on its loss."""

import dataclasses

import pytest
import sympy as sp
from sympy.stats import MultivariateNormal, Normal

import sgdtheory as st
from sgdtheory.algebra.derivation import UnprovedStepError
from sgdtheory.errors import DomainError
from sgdtheory.losses.derivation import derive
from sgdtheory.symbols import D, eta, m

theta, x, y = sp.symbols("theta x y", real=True)
sigma, v = sp.symbols("sigma v", positive=True)
REGRESSION = st.from_loss((theta * x - y) ** 2 / 2, theta, {x: Normal("x", 0, v), y: Normal("y", 0, sigma)})


def test_value_is_the_law():
    derivation = REGRESSION.derivation().verify()
    law = st.stationary_law(REGRESSION, st.SGD(eta, m))
    assert sp.simplify(derivation.value - law.covariance[0]) == 0


def test_steps_are_those_that_a_person_expects():
    derivation = REGRESSION.derivation()
    shown = [str(step.shown) for step in derivation.steps]
    assert shown == ["g", "H", "E[g]", "C", "C(theta* + e)", "Cov[g_B]", "E[(e')^2]", "1 - dE[(e')^2]/dS", "Sigma"]
    values = dict(zip(shown, (step.right for step in derivation.steps), strict=True))
    e = sp.Symbol("e", real=True)
    assert sp.expand(values["g"] - (x**2 * theta - x * y)) == 0
    assert values["H"] == v**2
    assert sp.expand(values["C(theta* + e)"] - (sigma**2 * v**2 + 2 * v**4 * e**2)) == 0
    assert {"proved", "computed"} >= {str(step.status) for step in derivation.steps}
    assert [str(step.status) for step in derivation.steps][-3:] == ["proved"] * 3


def test_prints_as_text_and_latex():
    derivation = REGRESSION.derivation()
    text, tex = str(derivation), derivation.latex()
    assert "theta' = theta - " in text
    assert "k = 1..m" in text or "(k, 1, m)" in text
    assert "theta x" in text
    assert r"\sum_{k=1}^{m}" in tex
    shown = {name: (tex.count(rf"\begin{{{name}*}}"), tex.count(rf"\end{{{name}*}}")) for name in ("equation", "align")}
    assert all(begun == ended for begun, ended in shown.values())
    assert sum(begun for begun, _ in shown.values()) >= 9


def test_two_parameters_and_subsets():
    """(t1 - x)^2/2 + (t2 - y)^2 with correlated data: Sigma_ij = eta p C_ij / (h_i + h_j - eta h_i h_j)."""
    t1, t2, mu, q1, q2, c = sp.symbols("t1 t2 mu q1 q2 c", real=True)
    moments = {(1, 0): mu, (0, 1): 0, (2, 0): mu**2 + q1, (0, 2): q2, (1, 1): c}
    problem = st.from_loss((t1 - x) ** 2 / 2 + (t2 - y) ** 2, [t1, t2], {(x, y): moments}, dataset_size=D)
    derivation = problem.derivation("without_replacement").verify()
    found = {str(step.shown): step.right for step in derivation.steps}
    share = (D - m) / (m * (D - 1))
    h, C = (1, 2), {(0, 0): q1, (0, 1): 2 * c, (1, 1): 4 * q2}
    for (i, j), covariance in C.items():
        expected = eta * share * covariance / (h[i] + h[j] - eta * h[i] * h[j])
        assert sp.simplify(found[f"Sigma_{i + 1}{j + 1}"] - expected) == 0


def test_numbers_are_derived_too():
    problem = REGRESSION.at({"v": 2, "sigma": 3})
    value = problem.derivation().value.subs({eta: sp.Rational(1, 10), m: 4})
    assert float(value) == pytest.approx(st.stationary_law(problem, st.SGD(0.1, 4)).covariance[0, 0], rel=1e-12)


@pytest.mark.parametrize("part", ["hessian", "minimum", "noise"])
def test_a_wrong_model_does_not_prove(part):
    """Each table that the theory is made of is proved against the loss itself."""
    loss = (theta * x - 2 * x - y) ** 2 / 2
    problem = st.from_loss(loss, theta, {x: Normal("x", 0, v), y: Normal("y", 0, sigma)})
    model = problem.model
    noise = dataclasses.replace(model.noise, floor=2 * model.noise.floor)
    wrong = {"hessian": 2 * model.hessian, "minimum": model.minimum + sp.Matrix([1]), "noise": noise}
    vars(model)[part] = wrong[part]  # where the cached value lives
    with pytest.raises(UnprovedStepError):
        derive(problem, "replacement")


def test_nothing_to_derive():
    for problem in (
        st.from_loss((theta - x) ** 2, theta, {x: [1.0, 2.0, 4.0]}),
        st.from_loss("log(1 + exp(-theta*x))", "theta", {"x": Normal("x", 1, 1)}),
    ):
        with pytest.raises(DomainError, match="nothing symbolic to derive"):
            problem.derivation()
    with pytest.raises(DomainError, match="subsets of a data set"):
        REGRESSION.derivation("without_replacement")
    with pytest.raises(DomainError, match="way of sampling"):
        REGRESSION.derivation("reshuffle")


def test_regression_in_two_dimensions_is_proved():
    t1, t2, u, w, c = sp.symbols("t1 t2 u w c", real=True)
    law = MultivariateNormal("x", [0, 0], [[1, c], [c, 1]])
    problem = st.from_loss((t1 * u + t2 * w - y) ** 2 / 2, [t1, t2], {(u, w): law, y: Normal("y", 0, sigma)})
    derivation = problem.derivation()
    law = st.stationary_law(problem, st.SGD(eta, m))
    found = {str(step.shown): step.right for step in derivation.steps}
    assert sp.cancel(found["Sigma_12"] - law.covariance[0, 1]) == 0
