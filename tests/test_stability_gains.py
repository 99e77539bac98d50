"""Spectrally expressible noise: sums over gains against the whole operator of second moments."""

import numpy as np
import pytest
from scipy.optimize import brentq

from sgdtheory.errors import DomainError, StabilityError
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer, of
from sgdtheory.numeric.stability.spectrally_expressible import SpectralNoise, gains, loop, sharp_loss, spectral_limit
from sgdtheory.optimizers import SGD

CURVATURES = np.array([0.3, 1.0, 2.2])
FLOOR = np.array([0.5, 1.5, 0.7])
NOISES = (SpectralNoise(0.5, -1.0), SpectralNoise(0.3, 1.0), SpectralNoise(0.4, 0.0))


def delayed(rate, delay):
    """Gradients of parameters that are some steps old: the state holds those that are still needed."""
    s = delay + 1
    first, last = np.eye(s)[0], np.eye(s)[-1]
    transition = np.eye(s, k=-1)
    transition[0, 0] = 1.0
    return LinearOptimizer(transition, -rate * first, last, first, np.zeros(s))


OPTIMIZERS = {
    "sgd": lambda rate: of(SGD(rate, 1)),
    "heavy ball": lambda rate: of(SGD(rate, 1, momentum=0.8)),
    "nesterov": lambda rate: of(SGD(rate, 1, momentum=0.8, nesterov=True)),
    "delay 1": lambda rate: delayed(rate, 1),
    "delay 3": lambda rate: delayed(rate, 3),
}


def whole(linear, noise):
    """The map of all second moments of all modes, and where the gradient is looked at."""
    d, H = len(CURVATURES), np.diag(CURVATURES)
    step = np.kron(linear.transition, np.eye(d)) + np.kron(np.outer(linear.drive, linear.look), H)
    look, drive = np.kron(linear.look, np.eye(d)), np.kron(linear.drive[:, None], np.eye(d))

    def mapped(Z):
        Y = look @ Z @ look.T
        added = noise.gamma * (np.trace(H @ Y) * H - noise.tau * H @ Y @ H)
        return step @ Z @ step.T + drive @ added @ drive.T

    size = len(step)
    matrix = np.array([mapped(unit.reshape(size, size)).ravel() for unit in np.eye(size**2)]).T
    return matrix, look, drive


@pytest.mark.parametrize("noise", NOISES, ids=["gaussian", "one-hot", "tau 0"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_threshold_and_loss_are_those_of_the_whole_operator(name, noise):
    def excess(rate):
        return np.log(min(loop(OPTIMIZERS[name](rate), CURVATURES, noise), 1e30))

    grid = np.geomspace(1e-3, 3.0, 200)
    first = next(k for k, rate in enumerate(grid) if excess(rate) > 0)
    limit = brentq(excess, grid[first - 1], grid[first], xtol=1e-15)
    for factor, stable in ((1 - 1e-8, True), (1 + 1e-8, False)):
        matrix = whole(OPTIMIZERS[name](limit * factor), noise)[0]
        assert (np.abs(np.linalg.eigvals(matrix)).max() < 1) == stable
    linear = OPTIMIZERS[name](0.6 * limit)
    matrix, look, drive = whole(linear, noise)
    source = (drive @ np.diag(FLOOR) @ drive.T).ravel()
    settled = np.linalg.solve(np.eye(len(matrix)) - matrix, source).reshape(len(look.T), -1)
    wanted = np.trace(np.diag(CURVATURES) @ look @ settled @ look.T)
    assert sharp_loss(linear, CURVATURES, noise, FLOOR) == pytest.approx(wanted, rel=1e-11)
    if name in ("heavy ball", "nesterov"):
        found = spectral_limit(CURVATURES, noise, SGD(1, 1, momentum=0.8, nesterov=name == "nesterov"))
        assert found == pytest.approx(limit, rel=1e-10)


def test_delayed_gradients_have_the_known_variance():
    """eta h = 2 sin(v/2), psi = v (tau + 1/2): variance eta^2 c (1 + sin psi) / (2 sin v cos psi)."""
    for delay, rate in ((1, 0.4), (2, 0.3), (5, 0.1)):
        v = 2 * np.arcsin(rate / 2)
        psi = v * (delay + 0.5)
        wanted = rate**2 * (1 + np.sin(psi)) / (2 * np.sin(v) * np.cos(psi))
        assert gains(delayed(rate, delay), np.array([1.0])) == pytest.approx(wanted, rel=1e-12)


def test_heavy_ball_and_nesterov_critical_rates_scale_with_the_batch_as_they_should():
    """Power-law curvatures k^-2 and momentum near one: from batches of 4 to 16 heavy ball gains 4, Nesterov 4^2."""
    curvatures = np.arange(1.0, 3001) ** -2.0
    found = {
        nesterov: [
            spectral_limit(curvatures, SpectralNoise(1 / m, -1.0), SGD(1, 1, momentum=1 - 1e-5, nesterov=nesterov))
            for m in (4, 16)
        ]
        for nesterov in (False, True)
    }
    assert found[False][1] / found[False][0] == pytest.approx(4, rel=0.02)
    assert found[True][1] / found[True][0] == pytest.approx(16, rel=0.1)


def test_refusals():
    one = of(SGD(0.1, 1))
    with pytest.raises(StabilityError, match="diverges"):
        sharp_loss(of(SGD(0.9, 1)), CURVATURES, NOISES[0], FLOOR)
    for noise in (SpectralNoise(-1.0, 0.0), SpectralNoise(1.0, 2.0)):
        with pytest.raises(DomainError, match="no covariance"):
            loop(one, CURVATURES, noise)
