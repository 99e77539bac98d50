"""What is special to JAX: its words, its normals, precision, groups and devices, and when it compiles."""

import os
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats

from sgdtheory.errors import DomainError, PrecisionError, ShapeError
from sgdtheory.numeric.engine.accumulate import accumulate
from sgdtheory.numeric.engine.jax_backend import groups as jax_groups
from sgdtheory.numeric.engine.jax_backend import random as jax_random
from sgdtheory.numeric.engine.jax_backend import runs as jax_runs
from sgdtheory.numeric.engine.jax_backend.block import JaxBlock
from sgdtheory.numeric.engine.model import GaussianFeaturesModel, GaussianModel, RankOneModel, SampledModel
from sgdtheory.optimizers import SGD

rng = np.random.default_rng(0)
X = rng.standard_normal((7, 2))
RANK_ONE = RankOneModel(X, rng.standard_normal(7), 0.25, np.ones(2))
GAUSSIAN = GaussianModel(np.array([[2.0, 0.5], [0.5, 1.0]]), rng.standard_normal((2, 3)))
FEATURES = GaussianFeaturesModel(rng.standard_normal((2, 3)), 0.5)


def block_of(model, replicas=10, *, seed=1, precision="float32", companion=False, **knobs):
    knobs = {"learning_rate": 0.05, "batch_size": 3} | knobs
    sequence = np.random.SeedSequence(seed)
    return JaxBlock(model, SGD(**knobs), np.ones(2), replicas, sequence, precision=precision, companion=companion)


# Words.


@pytest.mark.parametrize(
    ("key", "counter", "words"),
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 2, (0x1CB996FC, 0xBB002BE7)),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_the_cipher_gives_its_published_words(key, counter, words):
    """The known answers of Random123 for threefry2x32 with 20 rounds."""
    found = jax_random.threefry(tuple(map(jnp.uint32, key)), *(jnp.array([word], jnp.uint32) for word in counter))
    assert [int(word[0]) for word in found] == list(words)


def test_keys_of_steps_are_those_of_jax():
    key = jax.random.wrap_key_data(np.array([3, 5], np.uint32), impl="threefry2x32")
    for step in (0, 1, 2**31, 2**32 - 1):
        theirs = jax.random.key_data(jax.random.fold_in(key, np.uint32(step)))
        ours = jax_random.fold_in((jnp.uint32(3), jnp.uint32(5)), jnp.uint32(step))
        assert [int(word) for word in ours] == theirs.tolist()


@pytest.mark.parametrize("bound", [1, 2, 3, 1000, 65_535, 65_536, 65_537, 10**6, 2**31 - 1])
def test_words_are_mapped_by_exact_multiplication(bound):
    edges = [k * 2**32 // bound + shift for k in (0, 1, bound // 2, bound - 1, bound) for shift in (-1, 0, 1)]
    word = np.array([w for w in (*edges, 2**32 - 1) if 0 <= w < 2**32], dtype=np.uint64)
    word = np.concatenate([word, np.random.default_rng(1).integers(0, 2**32, 1000, dtype=np.uint64)])
    found = jax_random.below(jnp.asarray(word.astype(np.uint32)), bound)
    np.testing.assert_array_equal(np.asarray(found), word * np.uint64(bound) >> np.uint64(32))


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_normals_are_normal(x64, precision):
    """Kolmogorov's test, mean, variance and fourth moment of 500,000: five comparisons at 2e-7 each.

    Power above 0.99 against a variance that is off by 1.5 %, and against normals cut off at 4 (caught by the largest).
    """
    block = block_of(GAUSSIAN, 5000, precision=precision)
    normals, sizes = block.draw(34)
    assert normals.shape == (34, 3, 5000)
    assert sizes.tolist() == [3] * 34
    assert normals.dtype == precision
    z, n, level = normals.ravel().astype(float), normals.size, scipy.stats.norm.isf(1e-7)
    assert scipy.stats.kstest(z, "norm").pvalue > 2e-7
    assert abs(z.mean()) < level / np.sqrt(n)
    assert abs((z**2).mean() - 1) < level * np.sqrt(2 / n)
    assert abs((z**4).mean() - 3) < 1.1 * level * np.sqrt(96 / n)
    assert 4.2 < np.abs(z).max() < 6.5  # chances below 2e-6 and 1e-4 of 1e-2
    pairs = [z.reshape(34, 3, 5000)[:, a].ravel() @ z.reshape(34, 3, 5000)[:, b].ravel() for a, b in [(0, 1), (1, 2)]]
    assert np.abs(pairs).max() < level * np.sqrt(n / 3)


# Precision.


def test_double_precision_is_asked_for_not_assumed():
    with jax.enable_x64(False), pytest.raises(PrecisionError, match="double precision is off") as error:
        block_of(RANK_ONE, precision="float64")
    assert "jax_enable_x64" in error.value.mend
    assert 'precision="float32"' in error.value.mend
    with jax.enable_x64(True):
        block = block_of(RANK_ONE, precision="float64")
    with jax.enable_x64(False):
        for call in (lambda: block.advance(1), lambda: block.draw(1), lambda: block.accumulate(1, 1, ())):
            with pytest.raises(PrecisionError):
                call()
    with pytest.raises(DomainError, match="unknown precision"):
        block_of(RANK_ONE, precision="float16")


@pytest.mark.parametrize("model", [RANK_ONE, GAUSSIAN, FEATURES])
def test_nothing_is_cast_silently(model):
    """Single precision is single precision in either mode of JAX, and gives the same numbers there."""
    found = []
    for mode in (False, True):
        with jax.enable_x64(mode):
            block = (
                block_of(model, companion=True, momentum=0.5, sampling="reshuffle")
                if model is RANK_ONE
                else block_of(model)
            )
            block.advance(4)
            kinds = {leaf.dtype.name for leaf in jax.tree.leaves((block.save()[0], block._parts))}
            assert kinds <= {"float32", "int32"}
            found.append(block.state())
            assert found[-1].dtype == np.float64
    np.testing.assert_allclose(*found, rtol=1e-6)
    with jax.enable_x64(True):
        block = block_of(model, precision="float64")
        block.advance(4)
        assert {leaf.dtype.name for leaf in jax.tree.leaves((block.save()[0].state, block._parts))} == {"float64"}


# What is refused.


def test_models_that_only_numpy_can_draw_are_refused():
    model = SampledModel(np.eye(2), np.zeros(2), lambda parameters, batch: parameters)
    with pytest.raises(TypeError, match="JAX runs no SampledModel"):
        block_of(model)


def test_draws_that_do_not_fit_are_refused():
    block = block_of(RANK_ONE)
    for shape in [(4, 3), (4, 3, 9), (4, 4, 10)]:
        with pytest.raises(ShapeError, match="draws to follow"):
            block.follow(np.zeros(shape, int))
    for index in (-1, 7):
        with pytest.raises(IndexError, match=r"0 \.\.\. 6"):
            block.follow(np.full((1, 3, 10), index))
    padded = np.zeros((2, 3, 10), int)
    padded[:, 1:] = -9  # beyond the size: of no account
    block.follow(padded, np.array([1, 1]))
    assert np.isfinite(block.state()).all()
    with pytest.raises(TypeError, match="no companion"):
        block.companion()
    with pytest.raises(ShapeError, match=r"steps, 3, 4, 10"):
        block_of(FEATURES).follow(np.zeros((2, 3, 3, 10)))


def test_draws_of_gaussian_features_do_not_depend_on_calls():
    whole, sizes = block_of(FEATURES).draw(70)
    assert whole.shape == (70, 3, 4, 10)
    assert sizes.tolist() == [3] * 70
    parts = block_of(FEATURES, learning_rate=0.01)
    first = parts.draw(3)[0]
    parts.advance(2)
    np.testing.assert_array_equal(np.concatenate([first, parts.draw(65)[0]]), np.delete(whole, [3, 4], axis=0))
    assert parts.draw(0)[0].shape == (0, 3, 4, 10)


# Groups, devices, compilation.


def test_groups_do_not_change_what_a_replica_draws(monkeypatch):
    """Replicas that do not fill their groups: the same draws, the same states but for rounding."""
    whole = block_of(RANK_ONE, 23, sampling="reshuffle", companion=True)
    monkeypatch.setattr(jax_groups, "group_width", lambda *arguments: 5)
    cut = block_of(RANK_ONE, 23, sampling="reshuffle", companion=True)
    assert whole._groups.shape == (1, 23)
    assert cut._groups.shape == (5, 5)
    for block in (whole, cut):
        block.advance(9)
    np.testing.assert_allclose(whole.state(), cut.state(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(whole.companion(), cut.companion(), rtol=1e-5, atol=1e-6)
    for first, second in zip(whole.draw(70), cut.draw(70), strict=True):
        np.testing.assert_array_equal(first, second)


def test_groups_fit_the_cache_and_the_integers():
    assert jax_groups.group_width("cpu", 10**5, 16, 0) == 1024
    assert jax_groups.group_width("cpu", 100, 16, 0) == 100
    assert jax_groups.group_width("cpu", 10**5, 8 * 100**2, 0) == 64
    assert jax_groups.group_width("gpu", 10**5, 16, 0) == 10**5
    assert jax_groups.group_width("gpu", 10**5, 16, 10**5) * 10**5 < 2**31


def test_two_devices_give_what_one_gives():
    """In fresh interpreters that see one device or two: the same integers, the same states but for rounding."""
    code = """
import numpy as np, jax
from sgdtheory.numeric.engine.jax_backend.block import JaxBlock
from sgdtheory.numeric.engine.model import RankOneModel
from sgdtheory.optimizers import SGD
rng = np.random.default_rng(0)
model = RankOneModel(rng.standard_normal((7, 2)), rng.standard_normal(7), 0.25, np.ones(2))
optimizer = SGD(0.05, 3, sampling="reshuffle")
block = JaxBlock(model, optimizer, np.ones(2), 9, np.random.SeedSequence(1), precision="float32", companion=True)
devices = len(block.save()[0].state.sharding.device_set)
assert devices == len(jax.devices())
block.advance(3)
draws, sizes = block.draw(5)
sums = block.accumulate(3, 2, (1, 3))
assert len(block.save()[0].state.sharding.device_set) == devices
numbers = [block.state(), block.companion(), sums.first, sums.second, sums.lagged, sums.companion_lagged]
print(devices, *draws.ravel(), *sizes)
print(*np.concatenate([array.ravel() for array in numbers]))
"""
    printed = []
    for devices in (1, 2):
        flags = f"--xla_force_host_platform_device_count={devices}"
        env = os.environ | {"XLA_FLAGS": flags, "JAX_PLATFORMS": "cpu"}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
        assert done.returncode == 0, done.stderr
        printed.append([line.split() for line in done.stdout.splitlines()])
    (first, one), (second, two) = printed
    assert (first[0], second[0]) == ("1", "2")
    assert first[1:] == second[1:]
    np.testing.assert_allclose(np.array(one, float), np.array(two, float), rtol=1e-5, atol=1e-6)


def test_what_is_compiled_serves_other_counts_and_knobs():
    def run(block, shift):
        block.advance(2 + shift)
        draws, sizes = block.draw(3 + shift)
        block.follow(draws, sizes)
        block.accumulate(2 + shift, 2 + shift, (1 + shift,))

    functions = (jax_runs.advance, jax_runs.follow, jax_runs.draws, jax_runs.accumulate)
    run(block_of(RANK_ONE), 0)
    before = [function._cache_size() for function in functions]
    run(block_of(RANK_ONE, seed=2, learning_rate=0.01), 5)
    assert [function._cache_size() for function in functions] == before


@pytest.mark.parametrize(
    ("looks", "stride", "lags", "companion"),
    [(5, 1, (), False), (300, 1, (), False), (4, 3, (1, 2), True), (2, 1, (2,), False), (3, 7, (2, 5), True)],
)
def test_sums_are_those_of_looking_from_outside(x64, looks, stride, lags, companion):
    """The compiled sums against the generic ones, which take the states out after each stretch."""
    inside, outside = (
        block_of(RANK_ONE, precision="float64", sampling="reshuffle", companion=companion) for _ in range(2)
    )
    inside.advance(2)
    outside.advance(2)
    ours, wanted = inside.accumulate(looks, stride, lags), accumulate(outside, looks, stride, lags, companion=companion)
    assert ours.looks == looks
    names = ["first", "second", "lagged"]
    for name in [*names, *(f"companion_{name}" for name in names)]:
        if companion or name in names:
            np.testing.assert_allclose(getattr(ours, name), getattr(wanted, name), rtol=1e-11, atol=1e-12)
        else:
            assert getattr(ours, name) is None
    np.testing.assert_allclose(inside.state(), outside.state(), rtol=1e-12)
