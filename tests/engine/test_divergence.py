"""Lost replicas: counted, the first one and its step named exactly, never averaged away."""

from types import SimpleNamespace

import numpy as np
import pytest

import sgdtheory as st
from sgdtheory.errors import StabilityError
from sgdtheory.numeric.engine.divergence import Interval, locate
from sgdtheory.numeric.engine.model import model_of
from sgdtheory.numeric.engine.numpy_block import NumpyBlock
from sgdtheory.numeric.engine.plan import block_sizes

QUADRATIC = st.Quadratic([[1.0]], [[1.0]], minimum=[2.0])
DATA = st.LeastSquares([[10.0], [0.1], [0.1], [0.1]], [1.0, 2.0, 3.0, 4.0])
CASES = {
    "gaussian": (QUADRATIC, st.SGD(3.0, 1), 1200),
    "momentum": (QUADRATIC, st.SGD(4.5, 1, momentum=0.9), 1500),
    "data": (DATA, st.SGD(0.07, 1), 3000),
    "subsets": (DATA, st.SGD(0.07, 1, sampling="without_replacement"), 3000),
}


def lost_by_hand(problem, optimizer, steps, replicas, seed=0):
    """The step after which each replica is lost, walking step by step; ``steps + 1`` where it is not."""
    found = []
    for number, size in enumerate(block_sizes(replicas, "numpy", 1, 0)):
        key = np.random.SeedSequence(seed, spawn_key=(number,))
        block = NumpyBlock(model_of(problem, optimizer), optimizer, np.zeros(1), size, key)
        first = np.full(size, steps + 1)
        with np.errstate(over="ignore", invalid="ignore"):
            for step in range(1, steps + 1):
                block.advance(1)
                loss = problem.hessian[0, 0] * block.state()[0] ** 2 / 2
                first[(first > steps) & ~np.isfinite(loss**2)] = step
        found.append(first)
    return np.concatenate(found)


@pytest.mark.parametrize("replicas", [7, 4100])
@pytest.mark.parametrize("case", list(CASES))
def test_the_first_replica_and_step_are_exact(case, replicas):
    problem, optimizer, steps = CASES[case]
    steps = steps if replicas < 100 else min(steps, 700)
    by_hand = lost_by_hand(problem, optimizer, steps, replicas)
    assert (by_hand <= steps).any()
    run = st.simulate(problem, optimizer, steps, replicas, divergence="report", backend="numpy", threads=2)
    assert run.diverged.count == (by_hand <= steps).sum()
    assert run.diverged.first_step == by_hand.min()
    assert run.diverged.first_replica == np.argmin(by_hand)
    assert f"{run.diverged.count} LOST" in repr(run)
    with pytest.raises(StabilityError) as error:
        st.simulate(problem, optimizer, steps, replicas, backend="numpy", threads=2)
    look = int(error.value.got.split(" steps")[0].split()[-1])
    assert f"{(by_hand <= look).sum()} of {replicas} replicas" in error.value.got
    assert f"the first was replica {np.argmin(by_hand)} after step {by_hand.min()}" in error.value.got
    assert by_hand.min() <= look


def test_the_block_that_loses_first_need_not_be_the_first():
    """The count is that of the earliest look at which anything was lost, though other blocks lose theirs later."""
    optimizer, steps, replicas = st.SGD(0.03, 1), 900, 4100
    for seed in range(20):
        by_hand = lost_by_hand(DATA, optimizer, steps, replicas, seed)
        first, second = (part.min() for part in np.split(by_hand, 2))
        if second < first <= steps:
            break
    else:
        raise AssertionError("no such seed")
    for threads in (1, 2):
        with pytest.raises(StabilityError) as error:  # the lag has a look right when the second block loses its first
            st.simulate(
                *(DATA, optimizer, steps, replicas),
                seed=seed,
                backend="numpy",
                threads=threads,
                lags=(steps - second,),
            )
        lost = (by_hand <= second).sum()
        assert f"{lost} of 4100 replicas no longer finite after {second} steps" in error.value.got
        assert f"the first was replica {np.argmin(by_hand)} after step {second}" in error.value.got


def test_other_blocks_do_not_go_on_beyond_a_loss():
    done = []
    with pytest.raises(StabilityError):
        st.simulate(
            QUADRATIC,
            st.SGD(3.0, 1),
            3000,
            5 * 4096,
            backend="numpy",
            threads=1,
            progress=lambda *now: done.append(now),
        )
    assert done[-1][0] < 0.2 * done[-1][1]


def test_averages_over_lost_replicas_are_never_those_of_the_survivors():
    """Some replicas are lost and some are not; every average that they enter is infinite or NaN."""
    run = st.simulate(DATA, st.SGD(0.035, 1), 800, 400, divergence="report", backend="numpy")
    assert 0 < run.diverged.count < 400
    for name in ("mean", "covariance", "excess_loss", "gradient_norm_squared"):
        assert not np.isfinite(getattr(run, name)).any(), name
        assert not np.isfinite(getattr(run, f"{name}_standard_error")).any(), name
    healthy = run.curve_steps < run.diverged.first_step
    assert np.isfinite(run.curve_loss[healthy]).all()
    assert np.isfinite(run.curve_standard_error[healthy]).all()
    assert not np.isfinite(run.curve_loss[~np.isfinite(run.curve_standard_error)]).any()
    assert not np.isfinite(run.curve_standard_error[-1])


def test_a_replica_that_comes_back_is_named_all_the_same():
    """Momentum can bring a loss above 1e154 back: here replica 1 after steps 3 and 8, replica 0 after step 5."""

    class Wandering:
        def __init__(self, *_, **__):
            self.step = 0

        def advance(self, steps):
            self.step += steps

        def state(self):
            far = np.array([[self.step == 5, self.step in (3, 8)]])
            return np.where(far, 1e100, 1.0)

    seen = SimpleNamespace(block=lambda number: Wandering(), hessian=np.eye(1), sizes=(4, 2))
    with np.errstate(over="ignore"):
        for before, first in ((0, (3, 5)), (3, (3, 5)), (4, (5, 4)), (6, (8, 5))):
            found = locate(seen, [Interval(1, before, 8)], 1)
            assert (found.first_step, found.first_replica, found.count) == (*first, 1)


def test_a_run_without_losses_reports_none():
    run = st.simulate(QUADRATIC, st.SGD(0.5, 1), 50, 10, divergence="report")
    assert run.diverged is None
    assert np.isfinite(run.covariance).all()


def test_time_averages_lose_replicas_too():
    """The mean contracts and the second moment does not, but a burn-in that is given is taken at its word."""
    optimizer = st.SGD(0.035, 1)
    run = st.simulate(
        DATA, optimizer, 3000, 50, start=[5.0], time_average=True, burn_in=10, divergence="report", backend="numpy"
    )
    assert run.diverged.count > 0
    assert not np.isfinite(run.covariance).any()
    with pytest.raises(StabilityError, match=f"replica {run.diverged.first_replica} after step"):
        st.simulate(DATA, optimizer, 3000, 50, start=[5.0], time_average=True, burn_in=10, backend="numpy")


def test_a_start_that_is_lost_already_is_named():
    run = st.simulate(QUADRATIC, st.SGD(0.5, 1), 5, 10, start=[1e100], divergence="report")
    assert (run.diverged.count, run.diverged.first_replica, run.diverged.first_step) == (10, 0, 0)
