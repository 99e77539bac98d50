"""The relations that a settled run must satisfy: exactly, in all backends, and how a run looks that settles still.

Seeds are fixed and were never chosen.
"""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
import scipy.linalg
import sympy as sp
from scipy import stats

from sgdtheory.losses.from_loss import from_loss
from sgdtheory.numeric.compare import compare
from sgdtheory.numeric.engine.backends import block_of, double_precision
from sgdtheory.numeric.engine.balance import Balance, times
from sgdtheory.numeric.engine.block import knobs
from sgdtheory.numeric.engine.fluctuation_dissipation import FALSE_ALARM
from sgdtheory.numeric.engine.model import model_of
from sgdtheory.numeric.engine.plan import Averaging
from sgdtheory.numeric.simulate import simulate
from sgdtheory.optimizers import SGD
from sgdtheory.problems import LeastSquares, Quadratic
from sgdtheory.processes.update import update
from sgdtheory.verbs.laws import stationary_law, transient_law

KNOBS = {
    "plain": {},
    "heavy ball": {"momentum": 0.8},
    "nesterov": {"momentum": 0.8, "nesterov": True},
}
SCALAR = Quadratic([[1.0]], [[1.0]])
SETTLED = 1000  # steps, after which nothing is left of a start at learning rate 0.1


@pytest.fixture(params=["numpy", "numba", "jax"])
def backend(request):
    pytest.importorskip(request.param, reason=f"{request.param} is not installed")
    with double_precision(request.param):
        yield request.param


# Without chance: points whose averages of squares are the stationary ones.


@dataclass
class Points:
    """A block of replicas at chosen states, velocities and noises of the next steps, (d, replicas) each."""

    optimizer: SGD
    hessian: np.ndarray
    offsets: np.ndarray
    velocities: np.ndarray
    noises: tuple

    def state(self):
        return self.offsets

    def velocity(self):
        return self.velocities if self.optimizer.momentum else 0 * self.velocities

    def save(self):
        return replace(self)

    def restore(self, saved):
        vars(self).update(vars(saved))

    def advance(self, steps):
        assert steps == 1
        noise, *self.noises = self.noises
        gradient = self.hessian @ self.offsets + noise
        self.offsets, self.velocities = update(self.offsets, self.velocities, gradient, **knobs(self.optimizer))


def points(optimizer, hessian, noise):
    """Return points that have exactly the stationary second moments of states, velocities and two noises.

    Signs of an orthogonal design: replica k stands at root(n) times the k-th column of a square root, and their average
    of squares is the covariance.
    """
    d = len(hessian)
    one, nil = np.eye(d), np.zeros((d, d))
    inputs = np.hstack([one, nil, nil]), np.hstack([nil, one, nil]), np.hstack([hessian, nil, one])
    columns = update(*inputs, **knobs(optimizer))
    whole = np.vstack(columns)
    A, b = whole[:, : 2 * d], whole[:, 2 * d :]
    stationary = scipy.linalg.solve_discrete_lyapunov(A, b @ noise @ b.T)
    joint = scipy.linalg.block_diag(stationary, noise, noise)
    n = len(joint)
    values, vectors = np.linalg.eigh(joint)
    at = np.sqrt(n) * vectors * np.sqrt(np.clip(values, 0, None))
    e, v, first, second = np.split(at, 4)
    assert np.allclose(e @ e.T / n, stationary[:d, :d], rtol=1e-10)
    return Points(optimizer, hessian, e, v, (first, second)), stationary


@pytest.mark.parametrize("knob", KNOBS)
def test_relations_hold_to_rounding_in_the_exact_stationary_average(knob):
    rng = np.random.default_rng(0)
    half, other = rng.standard_normal((2, 3, 3))
    hessian, noise = half @ half.T / 3 + 0.1 * np.eye(3), other @ other.T
    optimizer = SGD(0.2, 1, **KNOBS[knob])
    block, stationary = points(optimizer, hessian, noise)
    balance = Balance(SimpleNamespace(optimizer=optimizer, hessian=hessian, linear=True))
    balance.look(block)
    found = balance.statistics()
    left, right, size = found["balance"].averages
    np.testing.assert_allclose(left, right, rtol=1e-10)
    assert left[0] > 0.01
    np.testing.assert_allclose(size[0], np.trace(stationary[:3, :3]), rtol=1e-10)
    gradient = np.trace(hessian @ stationary[:3, :3] @ hessian)
    if knob != "nesterov":
        np.testing.assert_allclose(left[1], gradient, rtol=1e-10)
    if knob == "plain":
        np.testing.assert_allclose(found["pflug"].averages[0], -gradient, rtol=1e-10)
    assert found["pflug"].averages[0] < 0
    # A first moment that is 1 % off shows: 1 % in the left sides, nothing in the right.
    block.offsets = block.offsets * 1.01
    shifted = Balance(SimpleNamespace(optimizer=optimizer, hessian=hessian, linear=True))
    shifted.look(block)
    left, right, _ = shifted.statistics()["balance"].averages
    assert (np.abs(left / right - 1) > 0.005).all()


# With chance: the blocks.


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
def test_looking_does_not_move_a_block(backend, sampling):
    rng = np.random.default_rng(1)
    problem = LeastSquares(rng.standard_normal((9, 2)), rng.standard_normal(9))
    optimizer = SGD(0.05, 3, momentum=0.5, sampling=sampling)
    blocks = [
        block_of(backend)(model_of(problem, optimizer), optimizer, np.ones(2), 5, np.random.SeedSequence(3))
        for _ in range(2)
    ]
    balance = Balance(SimpleNamespace(optimizer=optimizer, hessian=problem.hessian, linear=True))
    for block in blocks:
        block.advance(7)
    balance.look(blocks[0])
    for block in blocks:
        block.advance(4)
    np.testing.assert_array_equal(blocks[0].state(), blocks[1].state())
    np.testing.assert_array_equal(blocks[0].velocity(), blocks[1].velocity())
    np.testing.assert_array_equal(blocks[0].draw(3)[0], blocks[1].draw(3)[0])


@pytest.mark.parametrize("time_average", [False, True])
@pytest.mark.parametrize("knob", KNOBS)
def test_a_settled_run_is_in_balance_and_one_that_settles_is_not(backend, knob, time_average):
    """Each run of its own seed; a false alarm has probability FALSE_ALARM. The runs that settle are 9 to 30 of their
    standard errors out of balance, so missing one has probability below 1e-6."""
    rng = np.random.default_rng(2)
    problem = LeastSquares(rng.standard_normal((40, 2)), rng.standard_normal(40))
    optimizer = SGD(0.02, 4, **KNOBS[knob])
    how = {"replicas": 256, "time_average": True} if time_average else {"replicas": 4096}
    steps = 2000 if time_average else 400
    settled = simulate(problem, optimizer, steps, backend=backend, seed=4, **how).fluctuation_dissipation
    assert settled.settled
    assert settled.first.left == pytest.approx(settled.first.right, abs=6 * settled.first.standard_error)
    assert 0 < settled.first.standard_error < 0.1 * settled.first.left
    assert settled.pflug < 4 * settled.pflug_standard_error
    assert "in balance" in str(settled)
    how |= {"burn_in": 0} if time_average else {}
    far, few = problem.minimum + 1.5, 64 if time_average else 8
    settling = simulate(problem, optimizer, few, start=far, backend=backend, seed=5, **how).fluctuation_dissipation
    assert settling.settled is False
    assert abs(settling.z) > settling.critical
    assert "HAS NOT SETTLED" in str(settling)


def test_single_precision_raises_no_alarm():
    """Steps of 1e-4 are lost in the rounding of parameters near one; what that leaves is not called unsettled."""
    problem, optimizer = Quadratic([[1.0]], [[1e-4]]), SGD(1e-4, 1)
    run = simulate(problem, optimizer, 10, 4000, start=[1.0], precision="float32")
    found = run.fluctuation_dissipation
    assert found.settled is False, "far from settled, which rounding must not hide"
    run = simulate(Quadratic([[1.0]], [[1.0]]), SGD(0.1, 1), SETTLED, 4000, precision="float32")
    assert run.fluctuation_dissipation.settled


def test_false_alarms_are_as_rare_as_stated():
    """400 settled runs of 200 replicas: their z are standard normal to the accuracy of 400 draws.

    The bounds are exceeded by such draws with probability 1e-6 each; a standard error that is off by 20 % fails, and so
    does a difference with a bias of 0.4 standard errors.
    """
    runs = [
        simulate(SCALAR, SGD(0.5, 1), 30, 200, backend="numpy", seed=seed).fluctuation_dissipation
        for seed in range(400)
    ]
    z = np.array([run.first.z for run in runs])
    assert [run.second.z for run in runs] == pytest.approx(z)  # with one curvature, the relations say the same
    assert abs(z.mean()) < stats.norm.isf(5e-7) / 20
    low, high = stats.chi2.isf([1 - 5e-7, 5e-7], 400) / 400
    assert low < np.mean(z**2) < high * 1.1
    assert sum(run.settled is False for run in runs) <= 2  # of 0.04 expected
    assert runs[0].critical == pytest.approx(-stats.t.ppf(FALSE_ALARM / 4, 199))


def test_ten_percent_too_much_is_seen():
    """Started in the stationary law's width times 1.05, the left side is 10 % too large: 9.8 standard errors expected.

    Missed with probability 5e-9; half of that excess would be missed with probability 0.2.
    """
    rate, replicas = 0.1, 40_000
    deviation = np.sqrt(rate / (2 - rate))
    spread = np.sqrt(1.10) * deviation * np.random.default_rng(6).standard_normal(replicas)
    optimizer = SGD(rate, 1)
    block = block_of("numpy")(model_of(SCALAR, optimizer), optimizer, spread[None], replicas, np.random.SeedSequence(7))
    balance = Balance(SimpleNamespace(optimizer=optimizer, hessian=SCALAR.hessian, linear=True))
    balance.look(block)
    sums = balance.statistics()["balance"]
    left, right, _ = sums.averages[:, 0]
    cross = sums.cross[..., 0] / (replicas - 1) / replicas
    assert (left - right) / np.sqrt(cross[0, 0] - 2 * cross[0, 1] + cross[1, 1]) > 4.06


# What is said where there is nothing to say.


def test_shuffled_epochs_are_left_out_and_say_why():
    rng = np.random.default_rng(8)
    problem = LeastSquares(rng.standard_normal((6, 1)), rng.standard_normal(6))
    for how in ({}, {"time_average": True, "burn_in": 100}):
        run = simulate(problem, SGD(0.05, 2, sampling="reshuffle"), 400, 64, backend="numpy", **how)
        found = run.fluctuation_dissipation
        assert (found.first, found.second, found.settled) == (None, None, None)
        assert np.isnan(found.pflug)
        assert "shuffled epoch" in str(found)


def test_a_loss_that_is_not_quadratic_has_the_first_relation_only():
    """The gradients themselves are taken, so it holds as it stands: 400 steps forget a start at 3, 3 steps do not."""
    theta, x = sp.symbols("theta x", real=True)
    problem = from_loss(sp.log(sp.cosh(theta - x)), theta, {x: np.array([-2.0, -0.5, 0.0, 1.0, 1.5])})
    assert not problem.exact
    optimizer = SGD(0.2, 1)
    settled, settling = (
        simulate(problem, optimizer, steps, 4000, start=[3.0], seed=9).fluctuation_dissipation for steps in (400, 3)
    )
    assert settled.second is settling.second is None
    assert settled.settled is True
    assert settling.settled is False
    assert settled.critical == pytest.approx(-stats.t.ppf(FALSE_ALARM / 2, 3999))


def test_lost_replicas_leave_nothing_to_compare():
    run = simulate(SCALAR, SGD(3.0, 1), 2000, 8, start=[1.0], divergence="report", backend="numpy")
    assert run.diverged.count == 8
    assert run.fluctuation_dissipation.settled is None
    assert "lost" in str(run.fluctuation_dissipation)


def test_what_overflows_only_while_looking_ahead_is_no_divergence():
    run = simulate(SCALAR, SGD(1e80, 1), 0, 8, start=[1e37], backend="numpy")
    assert run.fluctuation_dissipation.settled is not True
    assert np.isfinite(run.excess_loss)


def test_without_noise_a_run_at_the_minimum_is_settled():
    run = simulate(Quadratic([[1.0]], [[0.0]]), SGD(0.1, 1), 10, 8)
    assert run.fluctuation_dissipation.settled
    away = simulate(Quadratic([[1.0]], [[0.0]]), SGD(0.1, 1), 10, 8, start=[1.0])
    assert away.fluctuation_dissipation.settled is False
    assert away.fluctuation_dissipation.pflug > 0


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("knob", KNOBS)
def test_runs_that_rest_at_a_rounded_minimum_are_settled(knob, precision):
    """Samples that a line fits, and batches of all samples: what fluctuates is rounding, which has no relation."""
    rng = np.random.default_rng(3)
    X, off = rng.normal(size=(8, 2)), rng.normal(size=8)
    fitted = LeastSquares(X, X @ [1.0, 2.0]), SGD(0.05, 2, **KNOBS[knob])
    whole = LeastSquares(X, X @ [1.0, 2.0] + off), SGD(0.05, 8, sampling="without_replacement", **KNOBS[knob])
    for problem, optimizer in (fitted, whole):
        run = simulate(problem, optimizer, 3000, 100, backend="numpy", precision=precision)
        assert run.fluctuation_dissipation.settled
    early = simulate(*whole, 20, 100, start=[3.0, 0.0], backend="numpy", precision=precision)
    assert early.fluctuation_dissipation.settled is False


def test_looks_are_few_beside_the_run():
    assert times(Averaging(0, 10, 1), 10**6) == 1
    assert times(Averaging(0, 10**6, 1), 1) == 10
    assert times(Averaging(0, 10**6, 1), 10**6) == 64
    assert times(Averaging(0, 1280, 1), 10**6) == 20


def test_a_report_carries_the_verdict_where_the_law_is_stationary():
    optimizer = SGD(0.1, 1)
    run = simulate(SCALAR, optimizer, 200, 4000, start=[1.0])
    report = compare(stationary_law(SCALAR, optimizer), run)
    assert report.fluctuation_dissipation is run.fluctuation_dissipation
    for text in (str(report), report._repr_html_(), report._repr_latex_()):
        assert "fluctuation and dissipation are in balance" in text
    assert report.notes == ()
    assert compare(transient_law(SCALAR, optimizer, [1.0], 200), run).fluctuation_dissipation is None
