"""Averages over samples and nodes: what is constant is found constant, and large means cost no accuracy."""

import numpy as np
import pytest
import sympy as sp
from sympy.stats import Beta, Exponential, Normal, Uniform

import sgdtheory as st
from sgdtheory.errors import DomainError

theta, x, y, a, b, penalty = sp.symbols("theta x y a b lambda")


@pytest.mark.parametrize("size", range(2, 51))
def test_a_mean_has_one_curvature_whatever_the_number_of_samples(size):
    """Weights 1/D add up to one but for rounding, which must not look like curvatures that differ."""
    rows = np.random.default_rng(size).normal(size=size)
    problem = st.from_loss((theta - x) ** 2 / 2, theta, {x: rows})
    assert problem.one_curvature
    assert problem.hessian[0, 0] == 1
    assert problem.noise[0, 0] == pytest.approx(np.var(rows), rel=1e-13)


def test_curvatures_that_differ_are_seen():
    rows = np.array([[1.0, 0.0], [1.0 + 1e-12, 1.0]])
    assert not st.from_loss((theta * x - y) ** 2 / 2, theta, {(x, y): rows}).one_curvature


def test_samples_that_are_all_one_have_no_noise():
    problem = st.from_loss((theta - x) ** 2 / 2, theta, {x: np.full(7, 0.1)})
    assert (problem.minimum[0], problem.noise[0, 0]) == (0.1, 0)


@pytest.mark.parametrize(
    ("function", "law", "variance"),
    [
        (sp.exp(x), Uniform("x", 0, 1), (np.e**2 - 1) / 2 - (np.e - 1) ** 2),
        (sp.exp(x), Normal("x", 0, 1), np.e**2 - np.e),
        (sp.sin(x), Exponential("x", 1), 2 / 5 - 1 / 4),
        (sp.sin(x), Beta("x", 1, 1), 1 / 2 - np.sin(2) / 4 - (1 - np.cos(1)) ** 2),
        (sp.sin(x), Beta("x", 2, 3), None),
    ],
)
def test_a_constant_curvature_beside_a_function_of_the_data(function, law, variance):
    problem = st.from_loss(theta**2 / 2 - theta * function, theta, {x: law})
    assert problem.one_curvature
    if variance is not None:
        assert problem.noise[0, 0] == pytest.approx(variance, rel=1e-11)


def test_a_curvature_constant_but_for_rounding():
    """sin^2 + cos^2 is one, not quite in floating point."""
    loss = (sp.sin(x) ** 2 + sp.cos(x) ** 2) * theta**2 / 2 - theta * sp.exp(x)
    assert st.from_loss(loss, theta, {x: Normal("x", 0, 1)}).one_curvature


def test_an_integral_that_is_wrong_is_still_refused():
    with pytest.raises(DomainError, match="cannot be integrated accurately"):
        st.from_loss(theta**2 / 2 - theta * sp.Abs(x), theta, {x: Normal("x", 0, 1)})


def test_a_loss_without_noise():
    """Every sample has its minimum at zero: the curvature is E[x^2] and there is no noise."""
    problem = st.from_loss(sp.log(sp.cosh(theta * x)), theta, {x: Normal("x", 0, 1)})
    assert problem.hessian[0, 0] == pytest.approx(1, rel=1e-12)
    assert problem.noise[0, 0] == 0


def test_large_means_with_a_symbol_left():
    """Regression and mean with features far from zero: a symbol in the loss changes nothing at its value."""
    rng = np.random.default_rng(0)
    far = 1e8 + rng.normal(size=200)
    mean = st.from_loss((theta - x) ** 2 / 2 + penalty * theta**2 / 2, theta, {x: far})
    assert float(mean.noise[0].subs(penalty, 0)) == pytest.approx(np.var(far), rel=1e-12)
    feature = 1e4 + rng.normal(size=100)
    rows = np.column_stack([feature, 3 * feature + rng.normal(size=100)])
    line = st.from_loss((a + b * x - y) ** 2 / 2 + penalty * a**2, [a, b], {(x, y): rows})
    design = np.column_stack([np.ones(100), feature - feature.mean()])
    slope = np.linalg.lstsq(design, rows[:, 1], rcond=None)[0][1]
    residual = rows[:, 1] - rows[:, 1].mean() - slope * design[:, 1]
    assert float(line.minimum[1].subs(penalty, 0)) == pytest.approx(slope, rel=1e-8)
    assert float(line.noise[0, 0].subs(penalty, 0)) == pytest.approx(np.mean(residual**2), rel=1e-8)
