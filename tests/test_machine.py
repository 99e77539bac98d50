"""Simulations that no block runs: their steps and draws on every backend."""

import numpy as np
import pytest
from scipy.stats import kstest

from sgdtheory.numeric import exit_times, two_wells
from sgdtheory.numeric.engine.backends import double_precision
from sgdtheory.numeric.machine import Draws

BACKENDS = ("numpy", "numba", "jax")


@pytest.fixture(params=BACKENDS)
def backend(request):
    pytest.importorskip(request.param, reason=f"{request.param} is not installed")
    with double_precision(request.param):
        yield request.param


def test_draws_are_normal_and_uniform(backend):
    """Each of four comparisons fails by chance with probability 1e-6."""
    draws = Draws(backend, "some", 0)
    normals, uniforms = np.asarray(draws.normals(2, 20_000)), np.asarray(draws.uniforms(20_000))
    assert normals.dtype == uniforms.dtype == np.float64
    assert kstest(normals.ravel(), "norm").pvalue > 1e-6
    assert kstest(uniforms, "uniform").pvalue > 1e-6
    again, other = (np.asarray(Draws(backend, label, 0).normals(2, 20_000)) for label in ("some", "other"))
    np.testing.assert_array_equal(again, normals)
    for unlike in (other, np.asarray(draws.normals(2, 20_000))):
        assert abs(np.corrcoef(unlike.ravel(), normals.ravel())[0, 1]) < 4.9 / np.sqrt(normals.size)


def test_steps_are_those_of_numpy(backend):
    rng = np.random.default_rng(0)
    inside, normal, uniform = rng.uniform(-0.9, 0.9, 500), rng.normal(size=500), rng.random(500)
    stays = rng.random(500) < 0.8
    moved = [exit_times._step(name)(inside, stays, normal, uniform, 1.02, 0.3, 1.0) for name in ("numpy", backend)]
    assert 0 < np.asarray(moved[1][1]).sum() < stays.sum()
    for mine, other in zip(*moved, strict=True):
        np.testing.assert_allclose(np.asarray(other), mine, rtol=0, atol=1e-15)
    chances = rng.dirichlet(np.ones(7), size=7)
    edges = (np.cumsum(chances, axis=1) + np.arange(7)[:, None])[:, :-1].ravel()
    site = rng.integers(7, size=500)
    wanted = [int((np.cumsum(chances[place]) < number).sum()) for place, number in zip(site, uniform, strict=True)]
    np.testing.assert_array_equal(np.asarray(two_wells._step(backend)(site, uniform, edges, 6)), wanted)
