"""The loop gain against the second moments' own linear map in three dimensions, by Isserlis' theorem for four features.

The map is written as a matrix on all pairs of modes; nothing of the derivations enters.
"""

import itertools

import numpy as np
import pytest

from sgdtheory.catalogue import results
from sgdtheory.numeric.evaluate import evaluate

CURVATURE = np.array([0.3, 0.8, 1.7])
PAIRS = list(itertools.product(range(3), repeat=2))


def gradient_map(batch):
    """Return E[H_B (x) H_B] on (d, d) matrices: E[f_a f_b f_c f_e] summed over three pairings, for one of two draws."""
    eye, lam = np.eye(3), CURVATURE
    found = np.zeros((9, 9))
    for row, (i, j) in enumerate(PAIRS):
        for column, (k, n) in enumerate(PAIRS):
            apart = lam[i] * lam[j] * eye[i, k] * eye[j, n]
            crossed = lam[i] * lam[j] * eye[i, n] * eye[j, k] + eye[i, j] * lam[i] * eye[k, n] * lam[k]
            found[row, column] = apart + crossed / batch
    return found


def second_moment_map(rate, batch):
    eye, H = np.eye(3), np.diag(CURVATURE)
    return np.eye(9) - rate * (np.kron(H, eye) + np.kron(eye, H)) + rate**2 * gradient_map(batch)


def radius(rate, batch):
    return max(abs(np.linalg.eigvals(second_moment_map(rate, batch))))


def gain(rate, batch, name="loop_gain", **words):
    form = results[f"gaussian_features.{name}"]
    return evaluate(form, hessian=np.diag(CURVATURE), learning_rate=rate, batch_size=batch, **words)


@pytest.mark.parametrize("batch", [1, 4, 32])
def test_the_mean_square_is_stable_up_to_a_gain_of_one(batch):
    low, high = 0.0, 2 * batch / ((batch + 1) * CURVATURE.max()) * (1 - 1e-12)
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if gain(middle, batch) < 1 else (low, middle)
    assert radius(low, batch) == pytest.approx(1, abs=1e-10)
    assert radius(0.99 * low, batch) < 1 < radius(1.01 * low, batch)
    bound = evaluate(
        results["gaussian_features.stability_bound"],
        batch_size=batch,
        curvature_trace=CURVATURE.sum(),
        largest_curvature=CURVATURE.max(),
    )
    assert 0.8 * low < bound < low


@pytest.mark.parametrize("batch", [2, 5])
def test_the_stationary_covariance_is_diagonal_with_these_variances(batch):
    rate, noise = 0.2, 0.7
    added = rate**2 * noise / batch * np.diag(CURVATURE).reshape(-1)
    covariance = np.linalg.solve(np.eye(9) - second_moment_map(rate, batch), added).reshape(3, 3)
    words = {"noise_variance": noise, "loop_gain": gain(rate, batch)}
    found = gain(rate, batch, "stationary_variance", **words)
    np.testing.assert_allclose(covariance, np.diag(found), rtol=1e-12, atol=1e-15)
    floor = evaluate(results["gaussian_features.noise_floor"], **words)
    assert floor == pytest.approx((CURVATURE * np.diag(covariance)).sum() / 2, rel=1e-12)


def test_momentum_with_none_is_plain():
    for name in ("loop_gain_momentum", "loop_gain_nesterov"):
        assert gain(0.2, 3, name, momentum=0.0) == pytest.approx(gain(0.2, 3), rel=1e-14)


def moving_second_moment_map(rate, batch, momentum, nesterov):
    """Return the map of the second moments of parameters and velocity, (36, 36), from the step as torch takes it."""
    eye, H = np.eye(3), np.diag(CURVATURE)
    ahead = momentum if nesterov else 0.0  # the step is along gradient + ahead * velocity, or along the velocity
    felt = np.vstack([-rate * (1 + ahead) * eye, eye])
    kept = np.block([[eye, -rate * momentum * (ahead if nesterov else 1.0) * eye], [0 * eye, momentum * eye]])
    seen = np.hstack([eye, 0 * eye])
    mean = kept + felt @ H @ seen
    return np.kron(mean, mean) + np.kron(felt, felt) @ (gradient_map(batch) - np.kron(H, H)) @ np.kron(seen, seen)


@pytest.mark.parametrize("name", ["loop_gain_momentum", "loop_gain_nesterov"])
@pytest.mark.parametrize("batch", [1, 3])
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_with_momentum_too_the_mean_square_is_stable_up_to_a_gain_of_one(name, batch, momentum):
    def below_one(rate):
        form = results[f"gaussian_features.{name}"]
        words = {"learning_rate": rate, "batch_size": batch, "momentum": momentum, "check_domain": False}
        parts = [evaluate(form, hessian=np.diag([each]), **words) for each in CURVATURE]
        return min(parts) > 0 and sum(parts) < 1  # below zero a mode is unstable on its own

    def moving_radius(rate):
        return max(abs(np.linalg.eigvals(moving_second_moment_map(rate, batch, momentum, name.endswith("nesterov")))))

    low, high = 0.0, 4.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below_one(middle) else (low, middle)
    assert gain(low, batch, name, momentum=momentum) == pytest.approx(1, abs=1e-10)
    assert moving_radius(low) == pytest.approx(1, abs=1e-9)
    assert moving_radius(0.99 * low) < 1 < moving_radius(1.01 * low)
