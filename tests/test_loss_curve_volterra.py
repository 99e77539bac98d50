"""The discrete Volterra equation against printed generating functions and stepping; the limit of many modes."""

import math

import numpy as np
import pytest
import scipy.integrate

import sgdtheory as st
from sgdtheory.errors import DomainError
from sgdtheory.numeric.moments.linear_optimizer import of, with_delay
from sgdtheory.numeric.moments.loss_curves.homogenized import Homogenized
from sgdtheory.numeric.moments.loss_curves.maps import reader, upper
from sgdtheory.numeric.moments.loss_curves.volterra import Volterra

H = np.array([1.3, 0.7, 0.2, 0.05])
OFFSET = np.array([1.0, -0.5, 2.0, 3.0])
KNOBS = [{}, {"momentum": 0.7}, {"momentum": 0.7, "nesterov": True}]


def equation(gamma, tau, floor=0.0, rate=0.1, **knobs):
    return Volterra(of(st.SGD(rate, 1, **knobs)), H, floor * H, gamma, tau)


@pytest.mark.parametrize("tau", [-1.0, 0.0, 1.0])
@pytest.mark.parametrize("momentum", [0.0, 0.7])
@pytest.mark.parametrize("z", [0.3 + 0.4j, -0.8, 0.95])
def test_it_has_the_printed_generating_functions(z, momentum, tau):
    """S, U and V as printed for SGD with heavy-ball momentum; a is the learning rate, b the momentum."""
    a, b, gamma = 0.1, momentum, 0.5
    gt = gamma * tau
    S = (
        a**2 * b * (gt + 1) * H**2 * z**2
        + a**2 * (gt - 1) * H**2 * z
        - 2 * a * b * (b + 1) * H * z**2
        + 2 * a * (b + 1) * H * z
        - b**3 * z**3
        + (b**3 + b**2 + b) * z**2
        - (b**2 + b + 1) * z
        + 1
    )
    U = (b * z + 1) / S
    V = (2 * a * b * H * z + b**3 * z**2 - b**2 * z - b * z + 1) / S
    found = equation(gamma, tau, rate=a, **({"momentum": b} if b else {}))
    kernel = gamma * a**2 * np.sum(H**2 * U)
    np.testing.assert_allclose(found.kernel_transform(z), kernel, rtol=1e-12)
    np.testing.assert_allclose(found.forcing_transform(OFFSET, z), np.sum(H * OFFSET**2 * V), rtol=1e-12)


@pytest.mark.parametrize("knobs", KNOBS)
@pytest.mark.parametrize("floor", [0.0, 0.3])
def test_transforms_are_those_of_the_courses(knobs, floor):
    found, z = equation(0.4, -1.0, floor, **knobs), 0.9
    powers = z ** np.arange(1000)
    assert math.isclose(found.kernel(1000) @ powers, found.kernel_transform(z).real, rel_tol=1e-12)
    forcing = found.forcing(OFFSET, 999) @ powers
    assert math.isclose(forcing, found.forcing_transform(OFFSET, z).real, rel_tol=1e-12)


@pytest.mark.parametrize("knobs", KNOBS)
@pytest.mark.parametrize("rate", [0.1, 1.0])
def test_gaussian_features_obey_it(knobs, rate):
    noise, m, steps = 0.3, 2, 300
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    problem = st.GaussianFeatures(turn @ np.diag(H) @ turn.T, noise)
    curve = st.loss_curve(problem, st.SGD(rate, m, **knobs), turn @ OFFSET, steps)
    found = equation(1 / m, -1.0, noise / m, rate=rate, **knobs).curve(OFFSET, steps)
    np.testing.assert_allclose(curve.excess_loss, found / 2, rtol=1e-10)


@pytest.mark.parametrize("knobs", KNOBS)
def test_gaussian_features_obey_it_in_many_dimensions(knobs):
    """300 modes: the moments go through Arnoldi's method, from 2,000 steps on to a power law's slow end."""
    h = np.arange(1, 301) ** -1.5
    optimizer, offset = st.SGD(0.1, 4, **knobs), np.ones(300)
    curve = st.loss_curve(st.GaussianFeatures(np.diag(h), 0.1), optimizer, offset, [0, 1, 50, 2000])
    found = Volterra(of(optimizer), h, 0.1 * h / 4, 0.25, -1.0).curve(offset, 2000)
    np.testing.assert_allclose(curve.excess_loss, found[[0, 1, 50, 2000]] / 2, rtol=1e-10)
    assert "Arnoldi" in curve.method


@pytest.mark.parametrize("tau", [-1.0, 0.5])
@pytest.mark.parametrize("knobs", KNOBS)
def test_its_curve_is_that_of_the_stepped_moments(knobs, tau):
    """E[z z'] of all modes with the optimizer's update typed out."""
    gamma, floor, eta, mu = 0.4, 0.2, 0.1, knobs.get("momentum", 0.0)
    found = equation(gamma, tau, floor, rate=eta, **knobs).curve(OFFSET, 200)
    S = np.zeros((4, 2, 2))
    S[:, 0, 0] = OFFSET**2
    pull = np.array([-eta * (1 + mu), 1.0] if knobs.get("nesterov") else [-eta, 1.0])
    free = np.array([[1.0, -eta * mu**2 if knobs.get("nesterov") else -eta * mu], [0.0, mu]])
    expected = []
    for _ in range(201):
        expected.append(H @ S[:, 0, 0])
        noise = gamma * (expected[-1] * H - tau * H**2 * S[:, 0, 0]) + floor * H
        M = free + H[:, None, None] * np.outer(pull, [1.0, 0.0])
        S = M @ S @ M.swapaxes(1, 2) + noise[:, None, None] * np.outer(pull, pull)
    np.testing.assert_allclose(found, expected, rtol=1e-11)


def test_a_delayed_run_starts_where_it_has_always_been():
    """Without noise or link: the gradients of the first two steps are both taken at the start."""
    found = Volterra(with_delay(of(st.SGD(0.1, 1)), 1), H, 0 * H, 0.0, 0.0).curve(OFFSET, 2)
    moved = OFFSET * (1 - 0.1 * H)
    np.testing.assert_allclose(found, [H @ OFFSET**2, H @ OFFSET**2, H @ moved**2], rtol=1e-13)


@pytest.mark.parametrize("knobs", KNOBS)
def test_the_loop_gain_is_one_where_the_loss_ceases_to_be_bounded(knobs):
    """Bisection for the rate; there the loss neither falls nor grows in the long run, 1 % beyond it grows."""
    low, high = 1e-3, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if equation(0.5, -1.0, rate=middle, **knobs).loop_gain < 1 else (low, middle)

    def growth(rate):
        course = equation(0.5, -1.0, rate=rate, **knobs).curve(OFFSET, 4000)
        return math.log(course[4000] / course[3000]) / 1000

    assert abs(growth(low)) < 1e-6
    assert growth(0.99 * low) < -1e-5
    assert growth(1.01 * low) > 1e-5


def test_plain_sgd_has_the_printed_gain():
    """The sum of eta h / (2 - eta h (1 - gamma tau)), times gamma: one at the largest stable rate."""
    eta, gamma, tau = 0.3, 0.25, -1.0
    printed = gamma * np.sum(eta * H / (2 - eta * H * (1 - gamma * tau)))
    assert math.isclose(equation(gamma, tau, rate=eta).loop_gain, printed, rel_tol=1e-12)


def test_a_mode_that_does_not_contract_has_no_gain():
    assert equation(0.5, -1.0, rate=2.0).loop_gain == math.inf


def volterra_right(law, offset, t):
    """Return the right side of the continuous equation at one time, by quadrature."""
    h, eta = law.curvatures, law.learning_rate

    def psi(s):
        return law.lowest + law.parts(offset, np.array([s])).sum()

    def integrand(s):
        return np.sum(h**2 * np.exp(-2 * eta * h * (t - s))) * psi(s)

    forcing = law.lowest + np.sum(h * offset**2 * np.exp(-2 * eta * h * t)) / 2
    return forcing + eta**2 * law.share * scipy.integrate.quad(integrand, 0, t, epsabs=0, epsrel=1e-11)[0], psi(t)


@pytest.mark.parametrize("rate", [0.5, 1.5])
@pytest.mark.parametrize("t", [0.7, 20.0])
def test_homogenized_sgd_obeys_its_equation(rate, t):
    law = Homogenized(H, rate, share=0.5, lowest=0.3)
    right, left = volterra_right(law, OFFSET, t)
    assert math.isclose(right, left, rel_tol=1e-9)


def test_homogenized_sgd_settles_below_its_rate():
    law = Homogenized(H, 0.5, share=0.5, lowest=0.3)
    assert math.isclose(law.largest_rate, 2 / (0.5 * H.sum()), rel_tol=1e-15)
    assert math.isclose(law.parts(OFFSET, np.array([1e6])).sum() + 0.3, law.settled_loss, rel_tol=1e-12)
    for factor, bounded in ((0.99, True), (1.01, False)):
        close = Homogenized(H, factor * law.largest_rate, share=0.5, lowest=0.3)
        assert (close.parts(OFFSET, np.array([1e5])).sum() < 1e4) == bounded == math.isfinite(close.settled_loss)


def test_the_exact_curve_tends_to_homogenized_sgd():
    """Mean of the absolute relative differences over five times and three draws: falls like one over the size."""
    errors = []
    for n, d in ((60, 24), (240, 96)):
        gaps = []
        for seed in range(3):
            rng = np.random.default_rng([seed, n])
            X = rng.normal(size=(n, d)) / np.sqrt(d)
            problem = st.LeastSquares(X, X @ rng.normal(size=d) + 0.3 * rng.normal(size=n))
            words = (problem, st.SGD(0.5, 1), np.zeros(d), [n // 4, n // 2, n, 4 * n, 20 * n])
            exact, limit = st.loss_curve(*words), st.loss_curve(*words, limit="high_dimensional")
            assert limit.caveats
            assert not limit.exact
            assert limit.loss_of_mean is None
            assert "step" in str(limit)
            gaps.append(np.abs(limit.excess_loss / exact.excess_loss - 1))
        errors.append(np.mean(gaps))
    assert errors[0] < 0.1
    assert errors[1] < 0.5 * errors[0]


def test_the_limit_of_gradients_is_consistent():
    """d psi / dt = -eta E|grad|^2 + eta^2 p tr(H^2) psi, as the diffusion has it."""
    problem = st.LeastSquares(np.random.default_rng(0).normal(size=(20, 4)), np.arange(20.0))
    eta, t = 0.05, 40
    words = {"start": np.ones(4), "limit": "high_dimensional"}
    h = np.linalg.eigvalsh(problem.hessian)
    near = st.loss_curve(problem, st.SGD(eta, 1), steps=[t - 1, t, t + 1], **words)
    law = Homogenized(h, eta, 1.0, problem.loss(problem.minimum))
    V = np.linalg.eigh(problem.hessian)[1]
    offset = V.T @ (np.ones(4) - problem.minimum)
    fine = law.parts(offset, np.array([t - 1e-4, t + 1e-4])).sum(axis=0)
    slope = (fine[1] - fine[0]) / 2e-4
    psi = near.excess_loss[1] + law.lowest
    assert math.isclose(slope, -eta * near.gradient_norm_squared[1] + eta**2 * (h @ h) * psi, rel_tol=1e-6)


def test_the_ridge_is_outside_the_limit():
    problem = st.LeastSquares(np.eye(2), np.ones(2), 0.1)
    with pytest.raises(DomainError, match="plain SGD on least squares"):
        st.loss_curve(problem, st.SGD(0.1, 1), [0.0, 0.0], 3, limit="high_dimensional")


def test_what_is_read_off_a_symmetric_matrix():
    Z, v = np.array([[2.0, 3.0, -1.0], [3.0, 5.0, 7.0], [-1.0, 7.0, 4.0]]), np.array([1.0, -2.0, 0.5])
    assert reader(v) @ upper(Z) == v @ Z @ v


def test_power_law_spectra_give_power_laws():
    """Curvatures k^-b and starts with h e^2 = k^-a: a kernel t^-(2 - 1/b) and a forcing t^-((a - 1)/b).

    Slopes are those between 100 and 400 steps, where the sums over modes are integrals to about 1/100.
    """
    b, a, k = 1.5, 2.0, np.arange(1, 20001)
    h = k**-b
    found = Volterra(of(st.SGD(0.5, 1)), h, 0 * h, 0.1, 0.0)
    kernel, forcing = found.kernel(401), found.forcing(np.sqrt(k**-a / h), 400)
    assert math.isclose(math.log(kernel[100] / kernel[400], 4), 2 - 1 / b, rel_tol=0.01)
    assert math.isclose(math.log(forcing[100] / forcing[400], 4), (a - 1) / b, rel_tol=0.02)
