"""Langevin dynamics: laws against plain enumeration of batches, simulation against the laws, and what is refused."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from sympy.stats import Normal

import sgdtheory as st
from sgdtheory.errors import DomainError, NonFiniteError, SGDTheoryError, StabilityError
from sgdtheory.numeric.engine.burn_in import settling_of
from sgdtheory.numeric.moments.of_problem import course_of

RATE, TEMPERATURE = 0.1, 0.3
X = np.array([[1.0, 0.5], [-0.5, 1.5], [2.0, -1.0], [0.25, 0.75]])
Y = np.array([1.0, 0.0, 2.0, -1.0])
START = np.array([1.0, -2.0])
QUADRATIC = st.Quadratic([[2.0, 0.3], [0.3, 1.0]], [[1.0, 0.5], [0.5, 2.0]], [1.0, 2.0], dataset_size=50)
LEAST_SQUARES = st.LeastSquares(X, Y, ridge=0.2)
SUMS = st.QuadraticSums(X[:, :, None] * X[:, None, :] + 0.2 * np.eye(2), Y[:, None] * X)
FEATURES = st.GaussianFeatures([[1.0, 0.2], [0.2, 0.5]], 0.7)


def walked(batch_size, sampling, steps, temperature=TEMPERATURE):
    """Return mean and covariance after so many steps of least squares, by going through all batches at each step."""
    draw = itertools.product if sampling == "replacement" else itertools.permutations
    batches = draw(range(4), repeat=batch_size) if sampling == "replacement" else draw(range(4), batch_size)
    maps = []
    for batch in map(list, batches):
        curvature = X[batch].T @ X[batch] / batch_size + 0.2 * np.eye(2)
        after = np.eye(3)
        after[1:, 1:] -= RATE * curvature
        after[1:, 0] = RATE * X[batch].T @ Y[batch] / batch_size
        maps.append(after)
    second = np.outer([1.0, *START], [1.0, *START])
    for _ in range(steps):
        second = sum(A @ second @ A.T for A in maps) / len(maps)
        second[1:, 1:] += 2 * RATE * temperature * np.eye(2)
    return second[0, 1:], second[1:, 1:] - np.outer(second[0, 1:], second[0, 1:])


@pytest.mark.parametrize(
    ("batch_size", "sampling"), [(1, "replacement"), (2, "replacement"), (3, "without_replacement")]
)
def test_the_law_is_that_of_all_batches(batch_size, sampling):
    optimizer = st.SGLD(RATE, batch_size, TEMPERATURE, sampling)
    for steps in (1, 4, 600):
        law = st.transient_law(LEAST_SQUARES, optimizer, START, steps)
        mean, covariance = walked(batch_size, sampling, steps)
        np.testing.assert_allclose(law.mean, mean, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(law.covariance, covariance, rtol=1e-11)
    settled = st.stationary_law(LEAST_SQUARES, optimizer)
    np.testing.assert_allclose(settled.covariance, covariance, rtol=1e-11)
    H = LEAST_SQUARES.hessian
    np.testing.assert_allclose(settled.excess_loss, np.trace(H @ covariance) / 2, rtol=1e-11)
    np.testing.assert_allclose(settled.gradient_norm_squared, np.trace(H @ H @ covariance), rtol=1e-11)


def test_the_whole_data_set_leaves_the_injected_noise_alone():
    law = st.stationary_law(LEAST_SQUARES, st.SGLD(RATE, 4, TEMPERATURE, "without_replacement"))
    H, S = LEAST_SQUARES.hessian, law.covariance
    np.testing.assert_allclose(H @ S + S @ H - RATE * H @ S @ H, 2 * TEMPERATURE * np.eye(2), rtol=1e-13, atol=1e-15)


def test_large_problems_take_the_injected_noise_in_too():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((30, 13))  # more numbers than are written out, more steps than are walked
    problem, optimizer = st.LeastSquares(rows, rng.standard_normal(30), 0.05), st.SGLD(0.01, 5, TEMPERATURE)
    law = st.transient_law(problem, optimizer, np.ones(13), 1500)
    walk = [st.transient_law(problem, optimizer, np.ones(13), 1000)]
    course = course_of(problem, optimizer, np.ones(13))
    mean, state = course.start, np.zeros((13, 13, 1, 1))
    for step in range(1500):
        mean, state = course.step(mean, state, course.noise_in_modes(mean @ course.optimizer.look))
        if step == 999:
            V, unit = course.vectors, course.units[0]
            walk.append(V @ state[:, :, 0, 0] @ V.T * unit**2)
    np.testing.assert_allclose(walk[0].covariance, walk[1], rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(law.covariance, V @ state[:, :, 0, 0] @ V.T * unit**2, rtol=1e-7, atol=1e-9)
    cold = st.transient_law(problem, st.SGD(0.01, 5), np.ones(13), 1500).covariance
    assert np.trace(law.covariance) > 2 * np.trace(cold)


def test_exact_in_fractions_and_as_the_catalogue_has_it():
    law = st.stationary_law(QUADRATIC, st.SGLD(0.25, 4, 0.125))
    H, C = (sp.Matrix(2, 2, [sp.Rational(str(x)) for x in M.ravel()]) for M in (QUADRATIC.hessian, QUADRATIC.noise))
    eta, tau = Fraction(1, 4), Fraction(1, 8)
    A = sp.eye(2) - sp.Rational(eta) * H
    source = sp.Rational(eta) ** 2 * C / 4 + 2 * sp.Rational(eta * tau) * sp.eye(2)
    system = sp.eye(4) - sp.kronecker_product(A, A)
    exact = system.LUsolve(sp.Matrix(source.T.reshape(4, 1))).reshape(2, 2)
    np.testing.assert_allclose(law.covariance, np.array(exact, dtype=float), rtol=1e-14)
    words = {"learning_rate": 0.25, "batch_size": 4, "temperature": 0.125, "noise": QUADRATIC.noise}
    form = st.results["posterior.langevin_stationary_covariance"]
    found = st.evaluate(form, hessian=QUADRATIC.hessian, injected_noise=np.eye(2), **words)
    np.testing.assert_allclose(law.covariance, found, rtol=1e-14)


def test_conventions_of_mandt_and_of_welling_and_teh():
    # theta' = theta - (epsilon/2) N g + sqrt(epsilon) V, one parameter, C = 3, H = 2, batches of 5, N = 40
    epsilon, size = 1e-2, 40
    contraction, kick = 1 - epsilon / 2 * size * 2.0, (epsilon / 2 * size) ** 2 * 3.0 / 5 + epsilon
    law = st.stationary_law(st.Quadratic([[2.0]], [[3.0]]), st.SGLD(epsilon * size / 2, 5, 1 / size))
    assert law.covariance[0, 0] == pytest.approx(kick / (1 - contraction**2), rel=1e-14)


def test_without_temperature_it_is_sgd():
    for problem in (QUADRATIC, LEAST_SQUARES, SUMS, FEATURES):
        cold, plain = (st.stationary_law(problem, optimizer) for optimizer in (st.SGLD(0.1, 2, 0), st.SGD(0.1, 2)))
        np.testing.assert_array_equal(cold.covariance, plain.covariance)


def test_small_rates_sample_the_density_of_the_temperature():
    target = TEMPERATURE * np.linalg.inv(LEAST_SQUARES.hessian)
    gaps = []
    for rate in (1e-3, 5e-4):
        law = st.stationary_law(LEAST_SQUARES, st.SGLD(rate, 2, TEMPERATURE))
        gaps.append(np.linalg.norm(law.covariance - target))
    assert gaps[0] / gaps[1] == pytest.approx(2, abs=0.01)  # of first order in the learning rate
    limit = st.stationary_law(QUADRATIC, st.SGLD(RATE, 4, TEMPERATURE), "diffusion")
    H, S = QUADRATIC.hessian, limit.covariance
    np.testing.assert_allclose(H @ S + S @ H, RATE * QUADRATIC.noise / 4 + 2 * TEMPERATURE * np.eye(2), rtol=1e-13)


def test_symbols_give_the_same_numbers():
    h, c, eta, tau, m = sp.symbols("h c eta tau m", positive=True)
    law = st.stationary_law(st.Quadratic(sp.Matrix([[h]]), sp.Matrix([[c]])), st.SGLD(eta, m, tau))
    expected = (eta * c / m + 2 * tau) / (2 * h - eta * h**2)
    assert sp.simplify(law.covariance[0, 0] - expected) == 0
    mixed = st.stationary_law(QUADRATIC, st.SGLD(RATE, 4, tau)).covariance
    numbers = st.stationary_law(QUADRATIC, st.SGLD(RATE, 4, TEMPERATURE)).covariance
    np.testing.assert_allclose(np.array(mixed.subs(tau, TEMPERATURE), dtype=float), numbers, rtol=1e-13)


def test_stated_losses_with_varying_curvature_in_symbols():
    theta, x, e = sp.symbols("theta x e", real=True)
    tau = sp.Symbol("tau", positive=True)
    laws = {x: Normal("x", 0, 1), e: Normal("e", 0, 1)}
    problem = st.from_loss((x * (theta - 1) - e) ** 2 / 2, [theta], laws)
    law = st.stationary_law(problem, st.SGLD(sp.Rational(1, 10), 2, tau))
    # V = (1 - 2 eta + eta^2 (1 + 2/m)) V + eta^2/m + 2 eta tau
    assert sp.simplify(law.covariance[0, 0] - (sp.Rational(1, 200) + tau / 5) / sp.Rational(9, 50)) == 0
    found = st.stationary_law(problem, st.SGLD(0.1, 2, TEMPERATURE)).covariance[0, 0]
    assert found == pytest.approx((1 / 200 + TEMPERATURE / 5) / 0.18, rel=1e-12)


def test_jax_arrays():
    pytest.importorskip("jax")
    import jax.numpy as jnp

    problem = st.Quadratic(jnp.array([[2.0]]), jnp.array([[3.0]]))
    found = st.stationary_law(problem, st.SGLD(0.1, 4, jnp.array(0.3))).covariance
    assert isinstance(found, type(jnp.ones(1)))
    assert float(found[0, 0]) == pytest.approx((0.1 * 3 / 4 + 2 * 0.3) / (4 - 0.4), rel=1e-5)


@pytest.mark.parametrize("problem", [QUADRATIC, LEAST_SQUARES, SUMS, FEATURES], ids=lambda p: type(p).__name__)
def test_simulations_agree_and_notice_another_temperature(problem):
    optimizer, other = st.SGLD(RATE, 2, TEMPERATURE), st.SGLD(RATE, 2, 1.15 * TEMPERATURE)
    run = st.simulate(problem, optimizer, steps=120, replicas=6000, seed=1, backend="numpy")
    report = st.compare(st.stationary_law(problem, optimizer), run)
    assert report.passed, str(report)  # a false alarm has probability 1e-6
    assert not st.compare(st.stationary_law(problem, other), run).passed


def test_subsets_and_stated_losses_run_too():
    optimizer = st.SGLD(RATE, 3, TEMPERATURE, "without_replacement")
    run = st.simulate(LEAST_SQUARES, optimizer, steps=5, replicas=6000, start=START, seed=2)
    assert st.compare(st.transient_law(LEAST_SQUARES, optimizer, START, 5), run).passed
    theta, x = sp.symbols("theta x")
    for data in (np.array([1.0, 2.0, 0.5]), Normal("x", 0, 1)):
        problem = st.from_loss((x * theta - 1) ** 2 / 2, [theta], {x: data})
        optimizer = st.SGLD(RATE, 2, TEMPERATURE)
        run = st.simulate(problem, optimizer, steps=150, replicas=4000, seed=2)
        assert st.compare(st.stationary_law(problem, optimizer), run).passed


def test_burn_in_weighs_the_start_against_all_noise():
    problem, optimizer = st.Quadratic([[2.0]], [[3.0]]), st.SGLD(0.1, 4, TEMPERATURE)
    settling = settling_of(problem, optimizer, np.array([5.0]))
    assert settling.start == pytest.approx(25 / st.stationary_law(problem, optimizer).covariance[0, 0], rel=1e-12)


def test_exact_jumps_take_the_injected_noise_along():
    optimizer = st.SGLD(RATE, 2, TEMPERATURE)
    paths = st.sample_paths(QUADRATIC, optimizer, START, [7], replicas=40_000, seed=5)
    law = st.transient_law(QUADRATIC, optimizer, START, 7)
    variances = paths.reshape(-1, 40_000, 2)[0].var(axis=0) if paths.shape[-1] == 2 else paths[0].var(axis=1)
    # the relative standard error is sqrt(2/40000) = 0.7 %; without injected noise variances are below a third
    np.testing.assert_allclose(variances, np.diagonal(law.covariance), rtol=0.04)


def test_what_is_refused():
    for temperature in (-1e-9, "hot", 1j, True, None):
        with pytest.raises(DomainError):
            st.SGLD(RATE, 2, temperature)
    for temperature in (np.nan, np.inf):
        with pytest.raises(NonFiniteError):
            st.SGLD(RATE, 2, temperature)
    for words in ({"sampling": "reshuffle"}, {"sampling": "replacment"}, {"learning_rate": 0}, {"batch_size": 0}):
        with pytest.raises(DomainError):
            st.SGLD(**{"learning_rate": RATE, "batch_size": 2, "temperature": 1.0, **words})
    with pytest.raises(TypeError):
        st.SGLD(RATE, 2, TEMPERATURE, momentum=0.9)
    with pytest.raises(TypeError):
        st.SGLD(RATE, 2)
    with pytest.raises(StabilityError):
        st.stationary_law(QUADRATIC, st.SGLD(1.0, 2, TEMPERATURE))
    with pytest.raises(SGDTheoryError, match="Langevin dynamics"):
        st.simulate(LEAST_SQUARES, st.SGLD(RATE, 2, 0.1), 10, 64, control_variate=True)
    with pytest.raises(SGDTheoryError, match="injected"):
        st.simulate(LEAST_SQUARES, st.SGLD(RATE, 2, 0.1), 10, 64, backend="numba")
    for verb in (lambda o: st.loss_curve(QUADRATIC, o, START, 10), lambda o: st.tail_index(LEAST_SQUARES, o)):
        with pytest.raises(DomainError, match="optimizer is of the wrong kind"):
            verb(st.SGLD(RATE, 2, 0.1))
