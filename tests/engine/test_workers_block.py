"""Asynchronous workers: the block that simulates them, and the recursion, against every sequence of workers."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from pathwise import make as make
from scipy.stats import chi2

from sgdtheory.numeric import recursion
from sgdtheory.numeric.engine.model import GaussianModel
from sgdtheory.numeric.engine.workers_block import WorkersBlock
from sgdtheory.optimizers import SGD
from sgdtheory.processes.forms import modes, products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.old_parameters import asynchronous, delayed_gradient
from sgdtheory.processes.process import point

CURVATURE, RATE, WORKERS = 1.5, 0.25, 3


def test_a_step_is_that_of_one_worker_which_reads_the_result(make):
    model, seed = GaussianModel(np.array([[CURVATURE]]), np.array([[0.0]])), np.random.SeedSequence(3)
    run, picked = WorkersBlock(model, SGD(RATE, 1), np.ones(1), 50, seed, maker=make, workers=WORKERS), []
    for _ in range(40):
        state, copies = run.state(), run.copies()
        run.advance(1)
        moved = run.state()
        by_each = state - RATE * CURVATURE * copies  # (workers, 1, replicas): what each would have done
        read = np.isclose(run.copies(), moved, rtol=0, atol=1e-15)
        worker = read.argmax(axis=0)[0]
        np.testing.assert_allclose(np.take_along_axis(by_each, worker[None, None], 0)[0], moved, rtol=0, atol=1e-14)
        assert read.any(axis=0).all()
        others = np.arange(WORKERS)[:, None, None] != worker
        np.testing.assert_array_equal(run.copies()[others], copies[others])
        picked.append(worker)
    counts = np.bincount(np.concatenate(picked[5:]), minlength=WORKERS)  # at first all hold the same
    expected = counts.sum() / WORKERS
    assert ((counts - expected) ** 2 / expected).sum() < chi2.isf(1e-6, WORKERS - 1)


def test_noise_is_that_of_the_model_and_no_worker_shares_it(make):
    """After the first step all held the start: a Gaussian of the model's noise, five standard errors wide."""
    replicas = 20_000
    model, seed = GaussianModel(np.array([[CURVATURE]]), np.array([[2.0]])), np.random.SeedSequence(4)
    run = WorkersBlock(model, SGD(RATE, 1), np.ones(1), replicas, seed, maker=make, workers=WORKERS)
    run.advance(1)
    (state,) = run.state()
    wanted = (2 * RATE) ** 2
    assert abs(state.mean() - (1 - RATE * CURVATURE)) < 5 * (wanted / replicas) ** 0.5
    assert abs(state.var() - wanted) < 5 * wanted * (2 / replicas) ** 0.5
    first = run.copies()[0, 0] == state  # which worker it was has nothing to do with the noise
    assert abs(np.corrcoef(first, state)[0, 1]) < 5 / replicas**0.5


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_the_recursion_is_that_of_every_sequence_of_workers(steps):
    """Without noise, from a start away from the minimum, in fractions."""
    h, eta, start = Fraction(3, 2), Fraction(2, 5), Fraction(7, 3)
    ends = []
    for sequence in product(range(WORKERS), repeat=steps):
        x, held = start, [start] * WORKERS
        for worker in sequence:
            x = x - eta * h * held[worker]
            held[worker] = x
        ends.append(x)
    values = point(
        learning_rate="2/5", workers=WORKERS, curvature="3/2", noise=((0,),), displacement="7/3", steps=steps
    )
    for forms, power in ((modes, 1), (products, 2)):
        found = Moment("", forms, time="steps", displaced=True).value(asynchronous, values, recursion)
        assert found == [sum(x**power for x in ends) / len(ends)]


@pytest.mark.parametrize("delay", [1, 3])
def test_the_recursion_of_a_delay_is_the_run_itself(delay):
    h, eta, path = Fraction(3, 2), Fraction(2, 5), [Fraction(7, 3)]
    for t in range(6):
        path.append(path[-1] - eta * h * path[max(0, t - delay)])
    values = point(learning_rate="2/5", delay=delay, curvature="3/2", noise=((0,),), displacement="7/3", steps=6)
    for forms, power in ((modes, 1), (products, 2)):
        found = Moment("", forms, time="steps", displaced=True).value(delayed_gradient, values, recursion)
        assert found == [path[-1] ** power]


def test_noise_adds_up_over_a_delay():
    """From the minimum: the weight of a step's noise is its impulse response, in fractions."""
    h, eta, delay, steps = Fraction(3, 2), Fraction(1, 5), 2, 7
    response = [Fraction(-1, 5)]
    for t in range(1, steps):
        old = response[t - 1 - delay] if t - 1 - delay >= 0 else 0
        response.append(response[-1] - eta * h * old)
    values = point(learning_rate="1/5", delay=delay, curvature="3/2", noise=((4,),), displacement=0, steps=steps)
    found = Moment("", products, time="steps", displaced=True).value(delayed_gradient, values, recursion)
    assert found == [4 * sum(weight**2 for weight in response)]
