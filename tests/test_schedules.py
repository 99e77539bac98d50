"""Learning rates that change from step to step: schedules against plain recursions of mean and mean square."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import sgdtheory as st
from sgdtheory.algebra.falling_rates_sum import FallingRatesSum

H = np.array([[2.0, 0.4], [0.4, 0.5]])
C = np.array([[1.5, -0.6], [-0.6, 2.0]])
GREEDY = {"batch_size": 4, "curvature": 1.5, "noise": 3.0, "displacement": 0.6}


def greedy(steps, curvature=Fraction(3, 2), noise=Fraction(3, 4), square=Fraction(9, 25)):
    """Return the rates that are best one after the other, and the mean squares before each of them, in fractions."""
    found = []
    for _ in range(steps):
        rate = curvature * square / (curvature**2 * square + noise)
        found.append((rate, square))
        square = (1 - rate * curvature) ** 2 * square + rate**2 * noise
    return found


def test_greedy_schedule_for_any_number_of_steps():
    for taken, (rate, square) in enumerate(greedy(40)):
        form = st.results["averaging.greedy_learning_rate"]
        assert st.evaluate(form, steps=taken, **GREEDY) == pytest.approx(float(rate), rel=1e-14)
        form = st.results["averaging.greedy_second_moment"]
        assert st.evaluate(form, steps=taken, **GREEDY) == pytest.approx(float(square), rel=1e-14)


def test_no_other_schedule_ends_lower():
    """Greedy rates are the best together too: mean squares add information, which no rate makes more of."""
    rng = np.random.default_rng(0)
    wanted = st.evaluate(st.results["averaging.greedy_second_moment"], steps=5, **GREEDY)
    best = np.array([float(rate) for rate, _ in greedy(5)])
    for trial in range(200):
        rates = best * (1 + 0.3 * rng.standard_normal(5)) if trial else best
        square = 0.36
        for rate in rates:
            square = (1 - 1.5 * rate) ** 2 * square + rate**2 * 0.75
        assert square >= wanted * (1 - 1e-13)


@pytest.mark.parametrize("constant", [0.8, 1.0, 1.7, 4.0])  # times the curvature: 1, 1.25, 2.125, 5
def test_falling_rates_stay_above_their_bound_and_tend_to_it(constant):
    form, curvature, noise, square = st.results["averaging.falling_rates_bound"], 1.25, 0.7, 0.04
    for taken in range(1, 20_001):
        rate = constant / taken
        square = (1 - rate * curvature) ** 2 * square + rate**2 * noise / 3
        if taken in (1, 2, 3, 10, 20_000):
            words = {"rate_constant": constant, "batch_size": 3, "curvature": curvature, "noise": noise}
            bound = st.evaluate(form, steps=taken, **words)
            assert square >= bound * (1 - 1e-12)
    assert square == pytest.approx(bound, rel=1e-3)


def test_between_one_half_and_one_the_limit_is_the_same_and_no_bound():
    curvature, noise, constant, square = 1.0, 1.0, 0.8, 0.0
    seen = {}
    for taken in range(1, 200_001):
        rate = constant / taken
        square = (1 - rate * curvature) ** 2 * square + rate**2 * noise
        seen[taken] = square * taken
    level = constant**2 / (2 * constant - 1)
    assert seen[1] < level
    assert seen[200_000] == pytest.approx(level, rel=2e-3)


@pytest.mark.parametrize("constant", [0.45, 0.7, 0.8, 1.0, 1.6])  # times the curvature: 0.56 to 2
def test_the_variance_stays_below_the_other_bound(constant):
    form, curvature, noise, square = st.results["averaging.falling_rates_upper_bound"], 1.25, 0.7, 0.0
    for taken in range(1, 20_001):
        rate = constant / taken
        square = (1 - rate * curvature) ** 2 * square + rate**2 * noise / 3
        if taken in (1, 2, 3, 10, 20_000):
            words = {"rate_constant": constant, "batch_size": 3, "curvature": curvature, "noise": noise, "steps": taken}
            bound = st.evaluate(form, **words)
            assert square <= bound * (1 + 1e-12)
    if constant * curvature >= 1:
        lower = st.evaluate(st.results["averaging.falling_rates_bound"], **words)
        assert square >= lower * (1 - 1e-12)
        assert square == pytest.approx(bound, rel=1e-4)


def test_above_two_the_second_step_may_leave_more():
    constant, curvature = Fraction(5, 2), 1
    square = (1 - constant / 2 * curvature) ** 2 * constant**2 + constant**2 / 4
    assert square > constant**2 / (1 + (2 * constant * curvature - 1))
    words = {"rate_constant": 2.5, "batch_size": 1, "curvature": 1.0, "noise": 1.0, "steps": 2}
    with pytest.raises(st.errors.DomainError):
        st.evaluate(st.results["averaging.falling_rates_upper_bound"], **words)


FALLING = {"batch_size": 4, "noise": C}


def falling_covariance(constant, hessian=H):
    """Yield the covariances after 1, 2, ... steps of the rates constant/1, constant/2, ..., by the plain recursion."""
    covariance, taken = np.zeros((2, 2)), 0
    while True:
        taken += 1
        step = np.eye(2) - constant / taken * hessian
        covariance = step @ covariance @ step + (constant / taken) ** 2 * C / 4
        yield taken, covariance


@pytest.mark.parametrize("constant", [0.3, 1.0, 3.0])
def test_covariance_after_falling_rates_in_any_basis(constant):
    form = st.results["averaging.falling_rates_covariance"]
    for taken, covariance in falling_covariance(constant):
        if taken in (1, 2, 7, 400):
            words = {"last_learning_rate": constant / taken, "steps": taken, **FALLING}
            np.testing.assert_allclose(st.evaluate(form, hessian=H, **words), covariance, rtol=1e-11)
        if taken == 400:
            break


def test_covariance_after_falling_rates_in_symbols():
    covariance = next(found for taken, found in falling_covariance(3.0) if taken == 5)
    words = {"last_learning_rate": sp.Rational(3, 5), "steps": 5, "batch_size": 4, "noise": sp.Matrix(C)}
    found = st.evaluate(st.results["averaging.falling_rates_covariance"], hessian=sp.Matrix(H), **words)
    np.testing.assert_allclose(np.array(found, dtype=float), covariance, rtol=1e-12)


def test_covariances_after_falling_rates_tend_to_their_limit():
    """t Cov[theta_t] -> V with (b H - 1/2) V + V (b H - 1/2) = b^2 C/m; what is left falls as 1/t for b lambda > 1."""
    b, size, form = 3.0, 4, st.results["averaging.falling_rates_covariance_limit"]
    shifted = b * H - np.eye(2) / 2
    V = np.linalg.solve(np.kron(shifted, np.eye(2)) + np.kron(np.eye(2), shifted), (b**2 * C / size).ravel())
    gaps = {}
    for taken, covariance in falling_covariance(b):
        if taken in (4000, 8000):
            found = st.evaluate(form, hessian=H, last_learning_rate=b / taken, steps=taken, **FALLING)
            np.testing.assert_allclose(taken * found, V.reshape(2, 2), rtol=1e-12)
            gaps[taken] = covariance - found
        if taken == 8000:
            break
    assert np.max(np.abs(8000 * gaps[8000])) < 1e-3 * np.max(np.abs(V))
    np.testing.assert_allclose(gaps[4000] / gaps[8000], 4.0, rtol=0.05)
    with pytest.raises(st.errors.DomainError):  # 2 b lambda_min is above one, b lambda_min is not
        st.evaluate(form, hessian=H, last_learning_rate=2 / 4000, steps=4000, **FALLING)


@pytest.mark.parametrize(
    ("a", "c", "steps"), [("5/4", "3/2", 1000), ("1", "1", 500), ("3/2", "5/2", 700), ("1/5", "2/5", 800)]
)
def test_sum_of_falling_rates_at_once(a, c, steps):
    """Whole numbers a + c too, where the closed form is a difference of infinities."""
    a, c, total = Fraction(a), Fraction(c), Fraction(0)
    found = FallingRatesSum(sp.Rational(str(a)), sp.Rational(str(c)), steps).evalf(40)
    scale = 10**80  # fixed-point numbers: what they lose each step shrinks
    for k in range(1, steps + 1):
        total = Fraction(int(scale * ((1 - a / k) * (1 - c / k) * total + Fraction(1, k * k))), scale)
    assert abs(found / sp.Rational(total.numerator, total.denominator) - 1) < 1e-38


def test_falling_rates_in_jax_where_steep_modes_overshoot():
    """At a condition number of 50 the first steps multiply the steep mode by 1e14, which the flat one must not see."""
    jax = pytest.importorskip("jax")
    form, turn = st.results["averaging.falling_rates_covariance"], np.array([[0.8, -0.6], [0.6, 0.8]])
    hessian = (turn * [0.02, 1.0]) @ turn.T
    words = {"last_learning_rate": 0.055, "steps": 1000, "batch_size": 4}
    wanted = st.evaluate(form, hessian=hessian, noise=C, **words)
    with jax.enable_x64(True):
        found = st.evaluate(form, hessian=jax.numpy.asarray(hessian), noise=jax.numpy.asarray(C), **words)
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


def test_derivative_of_falling_rates_where_eigenvalues_are_equal():
    jax = pytest.importorskip("jax")
    form, direction = st.results["averaging.falling_rates_covariance"], np.array([[0.3, 0.2], [0.2, -0.1]])

    def entry(share, identity):
        moved = identity + share * direction
        words = {"last_learning_rate": 0.1, "steps": 12, "batch_size": 4, "noise": moved * 0 + C}
        return st.evaluate(form, hessian=moved, **words)[0, 1]

    with jax.enable_x64(True):
        slope = jax.grad(lambda share: entry(share, jax.numpy.eye(2)))(0.0)
    assert slope == pytest.approx((entry(1e-5, np.eye(2)) - entry(-1e-5, np.eye(2))) / 2e-5, rel=1e-6)


def covariance_at_cycle_ends(rates):
    after, noise = np.eye(2), np.zeros((2, 2))
    for rate in rates:
        step = np.eye(2) - rate * H
        after, noise = step @ after, step @ noise @ step.T + rate**2 * C / 4
    found = np.linalg.solve(np.eye(4) - np.kron(after, after), noise.ravel()).reshape(2, 2)
    return after, found


@pytest.mark.parametrize("rates", [(0.6, 0.1), (1.1, 0.3), (0.2, 0.9)])
def test_cycles_of_two_rates_in_any_basis(rates):
    after, covariance = covariance_at_cycle_ends(rates)
    words = {"first_learning_rate": rates[0], "second_learning_rate": rates[1], "batch_size": 4, "noise": C}
    found = st.evaluate(st.results["averaging.cyclic_covariance"], hessian=H, **words)
    np.testing.assert_allclose(found, covariance, rtol=1e-12)
    for window in (1, 2, 7):
        lagged = [np.linalg.matrix_power(after, lag) @ covariance for lag in range(window)]
        total = window * lagged[0] + sum((window - lag) * (G + G.T) for lag, G in enumerate(lagged) if lag)
        form = st.results["averaging.cyclic_average_excess_loss"]
        loss = st.evaluate(form, hessian=H, window=window, **words)
        assert loss == pytest.approx(np.trace(H @ total) / (2 * window**2), rel=1e-12)


def test_equal_rates_are_no_cycle():
    words = {"first_learning_rate": 0.3, "second_learning_rate": 0.3, "batch_size": 4, "noise": C}
    found = st.evaluate(st.results["averaging.cyclic_covariance"], hessian=H, **words)
    law = st.stationary_law(st.Quadratic(H, C), st.SGD(0.3, 4))
    np.testing.assert_allclose(found, law.covariance, rtol=1e-13)


def test_the_rate_for_the_other_divergence_is_the_best_and_at_least_as_large():
    """Where noise and Hessian do not commute the rate of small steps is (m/(D d)) tr(H^-1 S^-1) with H S + S H = C."""
    size, batch = 400.0, 4
    S = st.solve_lyapunov(H, C)
    S = getattr(S, "solution", S)
    rate = batch / (2 * size) * np.trace(np.linalg.inv(H) @ np.linalg.inv(S))
    commuting = st.evaluate(
        st.results["posterior.reverse_learning_rate_diffusion"],
        batch_size=batch,
        dataset_size=size,
        dimension=2,
        inverse_noise_trace=np.trace(np.linalg.inv(C)),
    )
    assert rate < commuting

    def divergence(eta):
        ratio = np.linalg.inv(eta / batch * S) @ np.linalg.inv(size * H)
        return (np.trace(ratio) - np.linalg.slogdet(ratio)[1] - 2) / 2

    assert divergence(rate) < min(divergence(0.999 * rate), divergence(1.001 * rate))
    nearest = st.evaluate(
        st.results["posterior.optimal_learning_rate_diffusion"],
        batch_size=batch,
        dataset_size=size,
        dimension=2,
        noise_trace=np.trace(C),
    )
    assert nearest <= rate
