"""Delayed gradients on every backend: paths of rational arithmetic, replays, sums over looks, burn-in, companions.

A delay that is off by one step leaves the exact path by 1e10 times what rounding may.
"""

from fractions import Fraction

import numpy as np
import pytest
from pathwise import (
    CASES,
    DIMENSION,
    LIMIT,
    REPLICAS,
    STEPS,
    block_from,
    exact_offsets,
    exact_paths,
    fresh,
    given_draws,
    path_of_fractions,
    plus,
    ratio,
    times,
)
from pathwise import make as make

import sgdtheory as st
from sgdtheory.errors import DomainError
from sgdtheory.numeric.engine import burn_in, checks
from sgdtheory.numeric.engine.burn_in import LEFT, settling_of
from sgdtheory.numeric.engine.control_variate import expected_products
from sgdtheory.optimizers import SGD

OPTIMIZERS = [SGD(1 / 32, 2, delay=1), SGD(1 / 32, 2, momentum=0.75, nesterov=True, delay=3)]


SLOW = pytest.mark.slow  # left out where compiling one more kernel would show nothing new
FAST = ("gaussian", "rank one, ridge", "matrix")


@pytest.mark.parametrize("name", [name if name in FAST else pytest.param(name, marks=SLOW) for name in CASES])
def test_given_draws_give_the_path_of_exact_arithmetic(make, name):
    case, draws = CASES[name], given_draws(CASES[name], 2)
    sizes = np.full(STEPS, draws.shape[1]) if fresh(case) else np.where(np.arange(STEPS) % 3 == 2, 1, 2)
    for optimizer in OPTIMIZERS:
        exact, buffers = exact_paths(case, draws, sizes, optimizer)
        block = block_from(make, case, optimizer)
        np.testing.assert_allclose(block.state(), case.start, rtol=0, atol=1e-12)
        block.follow(draws[:5], None if fresh(case) else sizes[:5])
        block.follow(draws[5:], None if fresh(case) else sizes[5:])
        assert ratio(block.state(), exact, "float64") <= LIMIT
        if optimizer.momentum:
            assert ratio(block.velocity(), buffers, "float64") <= LIMIT
        else:
            assert not block.velocity().any()


def test_a_delay_longer_than_the_run_takes_all_gradients_at_the_start(make):
    case, draws, sizes = CASES["rank one"], given_draws(CASES["rank one"], 2), np.full(STEPS, 2)
    optimizer = SGD(1 / 32, 2, delay=STEPS + 2)
    block = block_from(make, case, optimizer)
    block.follow(draws)
    assert ratio(block.state(), exact_offsets(case, draws, sizes, optimizer), "float64") <= LIMIT


def test_a_step_more_or_less_would_be_seen(make):
    case, draws = CASES["rank one"], given_draws(CASES["rank one"], 2)
    block = block_from(make, case, SGD(1 / 32, 2, delay=2))
    block.follow(draws)
    for delay, least in ((1, 1e10), (3, 1e10)):
        wrong = exact_offsets(case, draws, np.full(STEPS, 2), SGD(1 / 32, 2, delay=delay))
        assert ratio(block.state(), wrong, "float64") > least


@pytest.mark.parametrize("name", ["rank one, ridge", pytest.param("matrix", marks=SLOW)])
def test_the_companion_is_the_linear_recursion_on_the_same_batches(make, name):
    case, optimizer = CASES[name], SGD(1 / 32, 2, momentum=0.75, delay=2)
    draws, hessian = given_draws(case, 2), np.array(CASES[name].model.hessian)
    block = block_from(make, case, optimizer, companion=True)
    block.follow(draws)
    exact = []
    for replica in range(REPLICAS):
        gradient = lambda y, batch: plus(times(hessian, y), case.noise(batch))  # noqa: E731
        drawn, begin = list(draws[..., replica]), [Fraction(0)] * DIMENSION
        exact.append(path_of_fractions(gradient, begin, drawn, 1 / 32, Fraction(3, 4), False, 2)[0])
    assert ratio(block.companion(), exact, "float64") <= LIMIT
    assert ratio(block.state(), exact_offsets(case, draws, np.full(STEPS, 2), optimizer), "float64") <= LIMIT


@pytest.mark.parametrize(
    ("name", "sampling"), [("gaussian", "replacement"), pytest.param("rank one", "reshuffle", marks=SLOW)]
)
def test_a_block_comes_back_and_adds_up_what_it_passes(make, name, sampling):
    case, optimizer = CASES[name], SGD(1 / 32, 2, momentum=0.75, sampling=sampling, delay=3)
    own, walked, drawn, replayed = (block_from(make, case, optimizer) for _ in range(4))
    own.advance(7)
    saved = own.save()
    own.advance(5)
    end = own.state()
    own.restore(saved)
    own.advance(5)
    np.testing.assert_array_equal(own.state(), end)
    replayed.follow(*drawn.draw(12)) if sampling == "reshuffle" else replayed.follow(drawn.draw(12)[0])
    np.testing.assert_allclose(replayed.state(), end, rtol=1e-12, atol=1e-12)
    sums = block_from(make, case, optimizer).accumulate(3, 4, (1, 2))
    path = [walked.state()]
    for _ in range(12):
        walked.advance(1)
        path.append(walked.state())
    np.testing.assert_allclose(sums.first, sum(path[t] for t in (0, 4, 8)), rtol=1e-12, atol=1e-12)
    for lagged, lag in zip(sums.lagged, (1, 2), strict=True):
        wanted = sum(path[t + lag][:, None] * path[t][None] for t in (0, 4, 8))
        np.testing.assert_allclose(lagged, wanted, rtol=1e-12, atol=1e-12)


def stacked(A, slope, optimizer):
    """The step of (theta, velocity, theta of the steps before, 1), as a person would write it."""
    d, tau, eta, mu = len(slope), optimizer.delay, optimizer.learning_rate, optimizer.momentum
    size = (2 + tau) * d + 1
    gradient = np.zeros((d, size))
    gradient[:, (1 + tau) * d : (2 + tau) * d] = A
    gradient[:, -1] = slope
    rows = np.eye(size)
    theta, velocity = rows[:d], mu * rows[d : 2 * d] + gradient
    past = np.concatenate([theta, rows[2 * d : (1 + tau) * d]])
    return np.concatenate([theta - eta * velocity, velocity, past, rows[-1:]])


def second_moment(maps, offset, tau, steps):
    d = len(offset)
    K = np.mean([np.kron(M, M) for M in maps], axis=0)
    z = np.concatenate([offset, 0 * offset, np.tile(offset, tau), [1.0]])
    return (np.linalg.matrix_power(K, steps) @ np.outer(z, z).ravel()).reshape(len(z), -1)[:d, :d]


@pytest.mark.parametrize(("momentum", "tau"), [(0.0, 2), (0.6, 1)])
@pytest.mark.parametrize(("far", "most"), [(0.0, 256), (100.0, 256), (100.0, 0)], ids=["near", "far", "bounded"])
def test_no_more_than_stated_is_left_of_the_start_after_the_burn_in(momentum, tau, far, most, monkeypatch):
    monkeypatch.setattr(burn_in, "LARGEST_MATRIX", most)
    rng = np.random.default_rng(5)
    problem = st.LeastSquares(rng.normal(size=(6, 1)), rng.normal(size=6))
    optimizer, offset = SGD(0.15 * (1 - momentum), 1, momentum=momentum, delay=tau), np.array([far])
    slopes = problem.X[:, 0] * (problem.X[:, 0] * problem.minimum - problem.y)
    maps = [
        stacked(np.array([[x * x]]), np.array([g]), optimizer) for x, g in zip(problem.X[:, 0], slopes, strict=True)
    ]
    settling = settling_of(problem, optimizer, offset)
    steps = settling.steps()
    final = second_moment(maps, 0 * offset, tau, 20 * steps)
    assert settling.note == ""
    assert abs(second_moment(maps, offset, tau, steps) / final - 1) <= LEFT
    assert abs(second_moment(maps, offset, tau, steps // 3) / final - 1) > LEFT


def test_the_companions_moments_are_exact():
    optimizer, noise, H = SGD(0.125, 2, momentum=0.5, delay=2), np.array([[2.0, 0.5], [0.5, 1.0]]), np.diag([1.5, 0.5])
    A = stacked(H, np.zeros(2), optimizer)[:-1, :-1]
    b = np.vstack([-0.125 * np.eye(2), np.eye(2), np.zeros((4, 2))])
    second, seen = np.zeros((8, 8)), []
    for t in range(10):
        if t in (1, 5, 9):
            seen.append([(np.linalg.matrix_power(A, lag) @ second)[:2, :2] for lag in (0, 3)])
        second = A @ second @ A.T + b @ noise @ b.T
    found = expected_products(H, noise, optimizer, 1, 3, 4, (3,))
    np.testing.assert_allclose(found, np.mean(seen, axis=0), rtol=1e-12, atol=1e-15)


def test_a_run_agrees_with_the_law_and_not_with_that_of_no_delay():
    """At 5 standard errors: a false alarm in 1e-6; without the delay the variance would be 17 % smaller."""
    problem = st.LeastSquares([[1.0], [2.0], [0.5]], [0.0, 1.0, 2.0])
    optimizer = SGD(0.05, 1, delay=2)
    run = st.simulate(problem, optimizer, 4000, 64, time_average=True, backend="numpy", control_variate=True)
    for delay, agrees in ((2, True), (0, False)):
        law = st.stationary_law(problem, SGD(0.05, 1, delay=delay))
        z = (run.covariance - law.covariance)[0, 0] / run.covariance_standard_error[0, 0]
        assert bool(abs(z) < 5) is agrees
    assert run.fluctuation_dissipation.settled is None
    assert "before" in str(run.fluctuation_dissipation)


@pytest.mark.parametrize("knobs", [{}, {"time_average": True}, {"precision": "float32"}, {"control_variate": True}])
def test_old_points_that_take_too_much_room_are_refused_before_any_work(knobs, monkeypatch):
    """What is counted: replicas at once, parameters, delay + 1, bytes, and a companion beside each."""
    problem = st.LeastSquares([[1.0, 0.0], [2.0, 1.0]], [0.0, 1.0])
    run = lambda delay: st.simulate(problem, SGD(0.01, 1, delay=delay), 3, 40, backend="numpy", threads=2, **knobs)  # noqa: E731
    for delay in (10**5000, 10**30, 10**9):
        with pytest.raises(DomainError, match="delay is too long"):
            run(delay)
    if knobs.get("time_average"):
        return
    points = 40 * 2 * (4 if "precision" in knobs else 8) * (2 if "control_variate" in knobs else 1)
    monkeypatch.setattr(checks, "MOST_BYTES", 6 * points)
    assert run(5).steps == 3
    with pytest.raises(DomainError, match="up to 5 here"):
        run(6)
