"""What the pages on momentum and averages say beyond their formulas, against linear algebra that knows no formula."""

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov, sqrtm

from sgdtheory.catalogue import results
from sgdtheory.numeric.evaluate import evaluate

RATE, MOMENTUM, BATCH = 0.3, 0.7, 3


@pytest.fixture(scope="module")
def problem():
    """Return a Hessian and a noise covariance that do not commute."""
    draws = np.random.default_rng(5)
    root, other = draws.normal(size=(3, 3)), draws.normal(size=(3, 3))
    return root @ root.T / 3 + 0.2 * np.eye(3), other @ other.T


def states(rate, momentum, hessian, noise, *, nesterov=False):
    """Return the (2d, 2d) stationary covariance of parameters and velocity; the rate may be a matrix."""
    d, rate = len(hessian), rate * np.eye(len(hessian)) if np.isscalar(rate) else rate
    velocity = np.hstack([hessian, momentum * np.eye(d)])
    ahead = np.hstack([hessian, np.zeros((d, d))]) + momentum * velocity if nesterov else velocity
    step = np.vstack([np.hstack([np.eye(d), np.zeros((d, d))]) - rate @ ahead, velocity])
    drive = np.vstack([-(1 + momentum * nesterov) * rate, np.eye(d)])
    return solve_discrete_lyapunov(step, drive @ noise @ drive.T)


def value(name, hessian, noise, **words):
    return evaluate(
        results[name], **{"hessian": hessian, "noise": noise, "learning_rate": RATE, "momentum": MOMENTUM, **words}
    )


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("stationary_covariance", slice(3), slice(3)),
        ("position_velocity_covariance", slice(3), slice(3, 6)),
        ("velocity_covariance", slice(3, 6), slice(3, 6)),
    ],
)
def test_heavy_ball_in_three_dimensions(problem, name, rows, columns):
    hessian, noise = problem
    wanted = states(RATE, MOMENTUM, hessian, noise / BATCH)[rows, columns]
    assert np.allclose(value(f"momentum.{name}", hessian, noise, batch_size=BATCH), wanted, rtol=1e-10, atol=0)


def test_nesterov_in_three_dimensions(problem):
    hessian, noise = problem
    both = states(RATE, MOMENTUM, hessian, noise / BATCH, nesterov=True)
    found = value("momentum.nesterov_covariance", hessian, noise, batch_size=BATCH)
    assert np.allclose(found, both[:3, :3], rtol=1e-10, atol=0)
    look = np.hstack([np.eye(3), RATE * MOMENTUM * np.eye(3)])
    found = value("momentum.nesterov_iterate_covariance", hessian, noise, batch_size=BATCH)
    assert np.allclose(found, look @ both @ look.T, rtol=1e-10, atol=0)


def test_a_matrix_learning_rate_is_a_change_of_coordinates(problem):
    """The law of a matrix learning rate, from the scalar one and from the printed matrix equation."""
    hessian, noise = problem
    draw = np.random.default_rng(6).normal(size=(3, 3))
    rate = 0.05 * (draw @ draw.T + np.eye(3))
    root = np.real(sqrtm(rate))
    turned = {"hessian": root @ hessian @ root, "noise": root @ noise @ root, "learning_rate": 1.0, "batch_size": 1}
    S = root @ value("momentum.matrix_rate_covariance", **turned) @ root
    assert np.allclose(S, states(rate, MOMENTUM, hessian, noise)[:3, :3], rtol=1e-10, atol=0)
    loss = value("momentum.matrix_rate_excess_loss", **turned)
    assert loss == pytest.approx(np.trace(hessian @ S) / 2, rel=1e-10)
    mu, K = MOMENTUM, rate @ hessian
    left = (1 - mu) * (K @ S + S @ K.T) - (1 + mu**2) / (1 - mu**2) * K @ S @ K.T
    left += mu / (1 - mu**2) * (K @ K @ S + S @ K.T @ K.T)
    assert np.allclose(left, rate @ noise @ rate, rtol=1e-10, atol=1e-14)


def test_a_learning_rate_that_fits_the_curvature(problem):
    """Of both pages: with P = H^-1 all modes are alike, and the loss depends on tr(H^-1 C) alone."""
    hessian, noise = problem
    P, mu, rate = np.linalg.inv(hessian), MOMENTUM, 0.4
    S = states(rate * P, mu, hessian, noise / BATCH)[:3, :3]
    assert np.allclose(S, rate * P @ noise @ P / (BATCH * (1 - mu) * (2 - rate / (1 + mu))), rtol=1e-10, atol=0)
    floor = rate * (1 + mu) * np.trace(P @ noise) / (2 * BATCH * (1 - mu) * (2 * (1 + mu) - rate))
    assert np.trace(hessian @ S) / 2 == pytest.approx(floor, rel=1e-10)


def test_the_printed_correlation_with_light_damping_is_several_times_too_large():
    """Damping 0.1, rate 0.01, curvatures 0.1 and 10, correlation 0.9: 5.6 times the exact value."""
    hessian, noise = np.diag([0.1, 10.0]), np.array([[1.0, 0.9], [0.9, 1.0]])
    words = {"hessian": hessian, "noise": noise, "learning_rate": 0.01, "batch_size": 1, "damping": 0.1}
    form = results["momentum.underdamped_covariance"]
    exact = states(0.01, 0.9, hessian, noise)
    right, printed = evaluate(form, **words), evaluate(form, value=form.errata[0].printed, **words)
    assert abs(right[0, 1] / exact[0, 1] - 1) < 0.06
    assert 5.5 < printed[0, 1] / exact[0, 1] < 5.7
    assert np.allclose(np.diag(printed), np.diag(right), rtol=1e-12)


def test_the_average_of_a_window_is_that_of_its_autocovariances(problem):
    hessian, noise = problem
    window, step = 7, np.eye(3) - RATE * hessian
    S = solve_discrete_lyapunov(step, RATE**2 * noise / BATCH)
    lagged = [np.linalg.matrix_power(step, k) @ S for k in range(window)]
    wanted = sum(lagged[t - s] if t >= s else lagged[s - t].T for t in range(window) for s in range(window)) / window**2
    found = value("averaging.window_average_covariance", hessian, noise, batch_size=BATCH, window=window)
    assert np.allclose(found, wanted, rtol=1e-10, atol=0)


def test_averaging_takes_away_what_momentum_adds(problem):
    """The sum of all autocovariances of heavy ball with momentum 0.7, from a resolvent."""
    hessian, noise = problem
    velocity = np.hstack([hessian, MOMENTUM * np.eye(3)])
    step = np.vstack([np.hstack([np.eye(3), np.zeros((3, 3))]) - RATE * velocity, velocity])
    both = states(RATE, MOMENTUM, hessian, noise / BATCH)
    one_side = np.linalg.solve(np.eye(6) - step, both)[:3, :3]
    found = value("averaging.long_run_covariance_with_momentum", hessian, noise, batch_size=BATCH)
    assert np.allclose(found, one_side + one_side.T - both[:3, :3], rtol=1e-9, atol=1e-12)
