"""Rung 4 as a judge of backends: a block that does something else is rejected, whichever backend it belongs to.

A right block is rejected with probability below 1e-9 for each comparison, a value that is 5 % off is missed with
probability 1e-6; each break below moves a claim by 5 % or more.
"""

from dataclasses import replace

import numpy as np
import pytest

from sgdtheory.catalogue import results
from sgdtheory.errors import DomainError
from sgdtheory.numeric import experiment
from sgdtheory.numeric.engine import backends
from sgdtheory.numeric.engine.model import GaussianFeaturesModel, GaussianModel
from sgdtheory.numeric.engine.numpy_block import NumpyBlock
from sgdtheory.numeric.ladder import climb, simulate_claims


@pytest.fixture(autouse=True)
def nothing_is_remembered():
    """A run is judged from memory when it is asked for again, and a break does not show in what was asked."""
    experiment._totals.cache_clear()
    yield
    experiment._totals.cache_clear()


GAUSSIAN, SAMPLED = "quadratic.stationary_covariance", "quadratic.dataset_variance"
CURVED, FEATURES = "quadratic_sums.stationary_variance", "gaussian_features.stationary_variance"
HEAVY, SHUFFLED = "momentum.stationary_covariance", "reshuffling.stationary_covariance"


def faster(model, optimizer):
    return model, replace(optimizer, learning_rate=1.05 * optimizer.learning_rate)


def noisier(model, optimizer):
    word = {GaussianModel: "root", GaussianFeaturesModel: "noise_deviation"}.get(type(model), "gradients")
    return replace(model, **{word: 1.05 * getattr(model, word)}), optimizer


def of_equal_samples(model, optimizer):
    return replace(model, curvatures=0 * model.curvatures + model.hessian), optimizer


def slower_to_forget(model, optimizer):
    return model, replace(optimizer, momentum=1.05 * optimizer.momentum)


def with_fresh_batches(model, optimizer):
    return model, replace(optimizer, sampling="without_replacement")


def without_the_last_sample(model, optimizer):
    return replace(model, gradients=model.gradients[:-1]), optimizer


def later(model, optimizer):
    return model, replace(optimizer, delay=optimizer.delay + 1)


def right(model, optimizer):
    return model, optimizer


BREAKS = [(GAUSSIAN, faster), (GAUSSIAN, noisier), (SAMPLED, faster), (SAMPLED, noisier)]
BREAKS += [(SAMPLED, without_the_last_sample)]
BREAKS += [("asynchrony.delayed_variance", later), ("asynchrony.one_step_delay_covariance", faster)]
BREAKS += [(CURVED, of_equal_samples), (FEATURES, noisier), (HEAVY, slower_to_forget), (SHUFFLED, with_fresh_batches)]


@pytest.fixture
def broken(monkeypatch):
    """Return what puts a break into the blocks of every backend."""
    block_of = backends.block_of

    def put(change):
        def made(name):
            def maker(model, optimizer, *others, **words):
                return block_of(name)(*change(model, optimizer), *others, **words)

            return maker

        monkeypatch.setattr(experiment, "block_of", made)

    return put


@pytest.mark.parametrize("backend", backends.installed())
@pytest.mark.parametrize(("name", "change"), BREAKS)
def test_a_broken_backend_is_rejected(name, change, backend, broken):
    broken(change)
    (rung,) = climb(results[name], rungs=(4,), backends=(backend,))
    assert rung.passed is False


@pytest.mark.parametrize("name", [GAUSSIAN, SAMPLED, CURVED, FEATURES, HEAVY, SHUFFLED])
def test_the_same_without_a_break_passes(name, broken):
    """What puts the breaks in does not itself break."""
    broken(right)
    (rung,) = climb(results[name], rungs=(4,))
    assert rung.passed


def test_branches_share_their_draws_and_blocks_do_not(monkeypatch):
    """Also where a block spawns from its seed."""
    (name,) = (name for name in results if name.endswith("quadratic.optimal_learning_rate"))
    seeds = []

    class Spawning(NumpyBlock):
        def __init__(self, model, optimizer, start, replicas, seed):
            (child,) = seed.spawn(1)
            seeds.append(tuple(child.generate_state(4)))
            super().__init__(model, optimizer, start, replicas, child)

    monkeypatch.setattr(experiment, "block_of", lambda name: Spawning)
    simulate_claims(results[name], seed=0)
    assert len(seeds) > 20
    assert seeds[0::2] == seeds[1::2]
    assert len(set(seeds)) == len(seeds) // 2


def test_every_installed_backend_is_named_with_its_largest_z():
    (rung,) = climb(results[GAUSSIAN], rungs=(4,))
    outcomes = simulate_claims(results[GAUSSIAN], seed=0, backends=backends.installed())
    for name in backends.installed():
        largest = max(abs(outcome.z).max() for outcome in outcomes if outcome.backend == name)
        assert f"{name} {largest:.2f}" in rung.detail


@pytest.mark.parametrize("name", [GAUSSIAN, SAMPLED])
def test_backends_have_draws_of_their_own(name, monkeypatch):
    """Else three backends would be one experiment: here two of them run the same blocks."""
    monkeypatch.setattr(experiment, "block_of", lambda name: NumpyBlock)
    one, other = simulate_claims(results[name], 0, points=results[name].points[:1], backends=("numpy", "numba"))
    assert (one.backend, other.backend) == ("numpy", "numba")
    assert not np.any(one.z == other.z)


def test_backends_that_are_not_there_are_refused(monkeypatch):
    with pytest.raises(DomainError, match="unknown backend"):
        next(climb(results[GAUSSIAN], rungs=(4,), backends=("cupy",)))
    monkeypatch.setattr(backends, "installed", lambda: ("numpy",))
    with pytest.raises(DomainError, match=r"pip install 'sgdtheory\[fast\]'"):
        next(climb(results[GAUSSIAN], rungs=(4,), backends=("numba",)))


def test_blocks_are_few_in_size_and_hold_every_replica():
    for replicas in (0, 1, 1023, 1024, 1025, 8192, 8193, 50_000):
        blocks = list(experiment._blocks(replicas))
        assert sum(used for _, used in blocks) == replicas
        assert all(used <= size for size, used in blocks)
        assert {size for size, _ in blocks} <= {1024, 2048, 4096, 8192}
