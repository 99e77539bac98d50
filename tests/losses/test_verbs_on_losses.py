"""Every verb on problems of ``from_loss``, in symbols and in numbers, and what it says about them."""

import numpy as np
import pytest
import sympy as sp
from sympy.stats import Normal

import sgdtheory as st

theta, x, y, a = sp.symbols("theta x y a", real=True)
sigma = sp.Symbol("sigma", positive=True)
eta, m, D = sp.symbols("eta m D", positive=True)
DATA = {x: Normal("x", 0, 1), y: Normal("y", 0, sigma)}
REGRESSION = st.from_loss((theta * x - a * x - y) ** 2 / 2, theta, DATA, dataset_size=D)
NUMERIC = REGRESSION.at({"a": 1, "sigma": 2, "D": 50})
LOGISTIC = st.from_loss("log(1 + exp(-theta*x))", "theta", {"x": Normal("x", 1, 1)}, dataset_size=50)


def test_what_a_problem_says():
    assert repr(REGRESSION) == (
        "SampledLoss((-a*x + theta*x - y)**2/2, parameters=(theta), constants=(D, a, sigma), dataset_size=D)"
    )
    assert (NUMERIC.kind, NUMERIC.dimension, NUMERIC.dataset_size, NUMERIC.constants) == ("numpy", 1, 50, ())
    assert NUMERIC.spectrum.eigenvalues.tolist() == [1.0]
    assert NUMERIC.exact
    assert not NUMERIC.one_curvature
    assert NUMERIC.caveats == ()


def test_optimal_step():
    """With e = theta - a: g = e, C = sigma^2 + 2 e^2; the rate is g^2/(g^2 + C/m)."""
    e = theta - a
    step = st.optimal_step(REGRESSION, [theta], batch_size=m)
    assert sp.simplify(step.learning_rate - e**2 / (e**2 + (sigma**2 + 2 * e**2) / m)) == 0
    number = st.optimal_step(NUMERIC, [4.0], batch_size=8)
    assert number.learning_rate == pytest.approx(9 / (9 + (4 + 18) / 8))
    assert number.caveats == ()
    # It is the minimum of the expected loss after the step, found by the law of one step.
    losses = [
        st.transient_law(NUMERIC, st.SGD(number.learning_rate * f, 8), [4.0], 1).excess_loss for f in (0.99, 1, 1.01)
    ]
    assert losses[1] < min(losses[0], losses[2])
    assert NUMERIC.loss([4.0]) - NUMERIC.loss_at_minimum - losses[1] == pytest.approx(number.expected_decrease)


def test_generalization_gap():
    gap = st.generalization_gap(REGRESSION)
    assert sp.simplify(gap.gap - sigma**2 / D) == 0
    (caveat,) = gap.caveats
    assert "samples differ in their curvature" in caveat
    number = st.generalization_gap(NUMERIC, st.SGD(0.1, 4))
    assert number.gap == pytest.approx(4 / 50)
    law = st.stationary_law(NUMERIC, st.SGD(0.1, 4))
    assert number.excess_test_loss == pytest.approx(2 / 50 + law.excess_loss)
    assert set(law.results) <= set(number.results)
    mean = st.from_loss((theta - x) ** 2 / 2, theta, {x: Normal("x", 0, 1)}, dataset_size=10)
    assert st.generalization_gap(mean).caveats == ()  # exact: one curvature, the population's noise
    drawn = st.from_loss((theta - x) ** 2 / 2, theta, {x: [1.0, 2.0, 4.0]})
    assert "training data's own noise" in st.generalization_gap(drawn).caveats[0]


def test_stability_limits():
    assert st.stability_limit(REGRESSION, m, kind="mean") == 2
    assert sp.simplify(st.stability_limit(REGRESSION, m) - 2 * m / (m + 2)) == 0
    assert st.stability_limit(NUMERIC, 4, kind="mean_square") == pytest.approx(8 / 6)
    with pytest.raises(NotImplementedError, match="not quadratic"):
        st.stability_limit(LOGISTIC, 4, kind="mean_square")
    with pytest.raises(NotImplementedError, match="momentum is not built yet for symbols"):
        st.stability_limit(REGRESSION, m, momentum=sp.Rational(1, 2))


def test_an_expanded_loss_says_so_everywhere():
    step = st.optimal_step(LOGISTIC, [0.5], batch_size=4)
    assert any("not quadratic" in caveat for caveat in step.caveats)
    law = st.stationary_law(LOGISTIC, st.SGD(0.1, 4))
    assert not law.exact
    assert "not quadratic" in str(law)
    assert st.generalization_gap(LOGISTIC).caveats
    with pytest.raises(st.SGDTheoryError, match="samples"):
        st.stationary_law(LOGISTIC, st.SGD(0.1, 4, sampling="without_replacement"))


def test_limits_and_scope():
    diffusion = st.stationary_law(NUMERIC, st.SGD(0.1, 4), limit="diffusion")
    assert diffusion.covariance[0, 0] == pytest.approx(0.1 * 4 / (2 * 4))
    assert not diffusion.exact
    with pytest.raises(NotImplementedError, match="momentum"):
        st.stationary_law(REGRESSION, st.SGD(0.1, 4, momentum=0.9))
    # With one feature of variance one the loop closes on one number: a = E[theta^2] per unit of noise.
    a = 0.1 * 1.9 / (0.1 * (2 * 1.9 - 0.1))
    variance = st.stationary_law(NUMERIC, st.SGD(0.1, 4, momentum=0.9)).covariance[0, 0]
    assert variance == pytest.approx(a * (4 / 4) / (1 - a * 2 / 4), rel=1e-12)
    with pytest.raises((NotImplementedError, st.SGDTheoryError)):
        st.stationary_law(NUMERIC, st.SGD(0.1, 4, sampling="reshuffle"))
    assert np.isfinite(st.simulate(NUMERIC, st.SGD(0.05, 4, momentum=0.5), 20, 100).excess_loss)


def test_a_comparison_warns_of_heavy_tails():
    """At 60 % of the mean-square limit the fourth moment of the parameters is infinite for batches of one."""
    optimizer = st.SGD(0.4, 1)
    law = st.transient_law(NUMERIC, optimizer, [1.0], 3)
    report = st.compare(law, st.simulate(NUMERIC, optimizer, 3, 5000, start=[1.0]))
    assert any("60% of the largest that is stable in mean square" in note for note in report.notes)
    calm = st.SGD(0.1, 1)
    report = st.compare(st.transient_law(NUMERIC, calm, [1.0], 3), st.simulate(NUMERIC, calm, 3, 5000, start=[1.0]))
    assert not any("heavy tails" in note for note in report.notes)


def test_a_diverging_run_says_so():
    with pytest.raises(st.SGDTheoryError, match="diverged"):
        st.simulate(NUMERIC, st.SGD(3.0, 1), 2000, 50)


def test_jax_learning_rate():
    """Where curvature is constant the catalogue's closed forms take JAX; the recursion says that it does not yet."""
    jnp = pytest.importorskip("jax.numpy")
    mean = st.from_loss((theta - x) ** 2 / 2, theta, {x: Normal("x", 0, 1)})
    law = st.stationary_law(mean, st.SGD(jnp.asarray(0.1), 4))
    assert float(law.covariance[0, 0]) == pytest.approx(0.1 / (4 * 1.9), rel=1e-6)
    with pytest.raises(NotImplementedError, match="JAX"):
        _ = st.stationary_law(NUMERIC, st.SGD(jnp.asarray(0.1), 4)).covariance


def test_the_same_seed_gives_the_same_run():
    runs = [st.simulate(NUMERIC, st.SGD(0.1, 2), 5, 50, seed=3) for _ in range(2)]
    assert runs[0].mean == runs[1].mean
    assert st.simulate(NUMERIC, st.SGD(0.1, 2), 5, 50, seed=4).mean != runs[0].mean


def test_where_the_noise_is_gaussian():
    """Only linear in Gaussian data, with one curvature: there ``compare`` may take exact standard errors."""
    gaussian = {x: Normal("x", 0, 1)}
    assert st.from_loss((theta - 3 * x) ** 2, theta, gaussian).gaussian
    assert not st.from_loss(theta**2 / 2 - theta * x**2, theta, gaussian).gaussian
    assert not st.from_loss((theta - x) ** 2, theta, {x: [1.0, 2.0, 4.0]}).gaussian
    assert not NUMERIC.gaussian
    assert not LOGISTIC.gaussian


def test_tables_of_the_gradient_noise_are_symmetric():
    names, features = sp.symbols("a b"), sp.symbols("u v")
    rows = np.random.default_rng(2).normal(size=(30, 2))
    loss = (names[0] * features[0] + names[1] * features[1] - 1) ** 2
    powers = [(i, j) for i in range(5) for j in range(5) if 0 < i + j <= 4]
    moments = {p: float((rows[:, 0] ** p[0] * rows[:, 1] ** p[1]).mean()) for p in powers}
    tables = [st.from_loss(loss, names, {features: law}).gradient_noise for law in (rows, moments)]
    for noise in tables:
        np.testing.assert_allclose(noise.spread, noise.spread.transpose(0, 1, 3, 2), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(noise.spread, noise.spread.transpose(1, 0, 2, 3), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(noise.coupling, noise.coupling.transpose(1, 0, 2), rtol=1e-9, atol=1e-12)
    for name in ("floor", "coupling", "spread"):
        one, two = (getattr(noise, name) for noise in tables)
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-12)


def test_a_symbolic_rate_for_a_mean_in_numbers():
    """The mean of the parameters after three steps from zero: the mean of the data times 1 - (1 - eta)^3."""
    u, v, eta = sp.symbols("u v eta")
    problem = st.from_loss((u - v) ** 2 / 2, u, {v: np.array([1.0, 2.0, 6.0])})
    mean = st.transient_law(problem, st.SGD(eta, 1), [0.0], 3).mean
    assert mean.shape == (1, 1)
    assert float(mean[0].subs(eta, 0.5)) == pytest.approx(3 * (1 - 0.5**3), rel=1e-12)
