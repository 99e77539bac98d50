"""Accelerated SGD on every backend: the two sequences in print, one step after the other."""

import numpy as np
from pathwise import make as make

from sgdtheory.numeric.engine.accelerated_block import AcceleratedBlock
from sgdtheory.numeric.engine.model import GaussianModel
from sgdtheory.optimizers import SGD
from sgdtheory.processes.accelerated import growing_momentum

START, ROOT = np.array([5.0, -1.0]), np.array([[1.25, 0.0], [0.5, 0.75]])
HESSIAN = np.array([[2.0, 0.5], [0.5, 1.0]])


def accelerated(make, replicas):
    model = GaussianModel(HESSIAN, ROOT)
    optimizer, seed = SGD(0.25, 1), np.random.SeedSequence(3)
    return AcceleratedBlock(model, optimizer, START, replicas, seed, maker=make, schedule=growing_momentum)


def test_given_draws_lead_where_the_two_sequences_go(make):
    """To rounding: x_k = y_(k-1) - eta g(y_(k-1)), y_k = x_k + (k - 1)/(k + 2) (x_k - x_(k-1))."""
    block, draws = accelerated(make, 3), np.random.default_rng(1).normal(size=(7, 2, 3))
    x = y = np.repeat(START[:, None], 3, axis=1)
    for k, drawn in enumerate(draws, 1):
        before, x = x, y - 0.25 * (HESSIAN @ y + ROOT @ drawn)
        y = x + (k - 1) / (k + 2) * (x - before)
    block.follow(draws[:4])
    block.follow(draws[4:])
    np.testing.assert_allclose(block.state(), x, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(block.velocity(), x - before, rtol=1e-12, atol=1e-13)


def test_its_own_draws_have_the_noise_of_the_model(make):
    """After one step from the start; each entry within five standard errors."""
    replicas = 20_000
    block = accelerated(make, replicas)
    block.advance(1)
    found = np.cov(block.state())
    wanted = 0.25**2 * ROOT @ ROOT.T
    error = np.sqrt((wanted**2 + np.outer(wanted.diagonal(), wanted.diagonal())) / replicas)
    assert (abs(found - wanted) < 5 * error).all()
    assert (
        abs(block.state().mean(axis=1) - (START - 0.25 * HESSIAN @ START)) < 5 * np.sqrt(wanted.diagonal() / replicas)
    ).all()
    before = block.state()
    block.advance(3)
    assert (block.state() != before).any(axis=0).all()
