"""Every backend on given draws, step by step: against rational arithmetic, torch.optim.SGD and optax.sgd.

The measure is the largest error of a state over ``steps * d * u * scale``, u the unit roundoff of the precision and
scale the largest |e| along the exact path. All backends stay below 0.2. A learning rate that is off by a factor 1.001
gives more than 1e10 in float64 and more than 100 in float32. LIMIT is the usual one of LAPACK's tests.
"""

from fractions import Fraction

import numpy as np
import pytest
from pathwise import (
    CASES,
    DIMENSION,
    LIMIT,
    REPLICAS,
    ROUNDOFF,
    STEPS,
    D,
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

from sgdtheory.numeric.engine.model import RankOneModel, SharedCurvatureModel
from sgdtheory.optimizers import SGD

SLOW = pytest.mark.slow  # left out where compiling one more kernel would show nothing new
KNOBS = {"plain": (0.0, False), "heavy": (0.75, False), "nesterov": (0.75, True)}

# Every way of moving, every batch size, and single precision, which is another rounding of the same code.
COMBINATIONS = [
    ("plain", 1, "float64"),
    pytest.param("heavy", 5, "float64", marks=SLOW),
    ("nesterov", 2, "float64"),
    ("nesterov", 5, "float32"),
]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("knob", "batch_size", "precision"), COMBINATIONS)
def test_given_draws_give_the_path_of_exact_arithmetic(make, name, knob, batch_size, precision):
    """Batches of equal and of unequal size, on different indices in every replica."""
    case, (momentum, nesterov) = CASES[name], KNOBS[knob]
    optimizer = SGD(1 / 32, batch_size, momentum=momentum, nesterov=nesterov)
    draws = given_draws(case, batch_size)
    full = np.full(STEPS, draws.shape[1])
    some = np.where(np.arange(STEPS) % 3 == 2, 1, batch_size)  # every third batch has one sample only
    for sizes in (None, full) if fresh(case) else (None, full, some):
        exact, buffers = exact_paths(case, draws, full if sizes is None else sizes, optimizer)
        block = block_from(make, case, optimizer, precision=precision)
        assert not block.velocity().any()
        block.follow(draws, sizes)
        assert ratio(block.state(), exact, precision) <= LIMIT
        if momentum == 0:
            assert not block.velocity().any()
        else:
            assert ratio(block.velocity(), buffers, precision) <= LIMIT
        assert block.velocity().shape == block.state().shape
        assert block.velocity().dtype == np.float64
        block.velocity()[:] = np.nan  # a copy
        assert np.isfinite(block.velocity()).all()


@pytest.mark.parametrize("name", [name for name in CASES if not fresh(CASES[name])])
@pytest.mark.parametrize("knob", [pytest.param("plain", marks=SLOW), "heavy", pytest.param("nesterov", marks=SLOW)])
def test_the_companion_is_the_linear_recursion_on_the_same_batches(make, name, knob):
    case, (momentum, nesterov) = CASES[name], KNOBS[knob]
    optimizer = SGD(1 / 32, 2, momentum=momentum, nesterov=nesterov)
    draws, sizes = given_draws(case, 2), np.where(np.arange(STEPS) % 3 == 2, 1, 2)
    hessian = np.array(case.model.hessian)
    block = block_from(make, case, optimizer, companion=True)
    block.follow(draws, sizes)
    exact = []
    for replica in range(REPLICAS):
        drawn = [draw[:size, ..., replica] for draw, size in zip(draws, sizes, strict=True)]
        gradient = lambda y, batch: plus(times(hessian, y), case.noise(batch))  # noqa: E731
        exact.append(
            path_of_fractions(
                gradient, [Fraction(0)] * DIMENSION, drawn, optimizer.learning_rate, Fraction(momentum), nesterov
            )[0]
        )
    assert ratio(block.companion(), exact, "float64") <= LIMIT
    assert ratio(block.state(), exact_offsets(case, draws, sizes, optimizer), "float64") <= LIMIT


@pytest.mark.parametrize("name", CASES)
def test_placed_replicas_go_on_from_there(make, name):
    case, optimizer, draws = CASES[name], SGD(1 / 32, 2), given_draws(CASES[name], 2)
    there = np.random.default_rng(2).normal(size=(DIMENSION, REPLICAS))
    moved = block_from(make, case, optimizer)
    moved.follow(draws[:5])
    moved.place(there)
    np.testing.assert_allclose(moved.state(), there, rtol=0, atol=1e-14)
    begun = make(case.model, optimizer, there, REPLICAS, np.random.SeedSequence(5))
    for block in (moved, begun):
        block.follow(draws[5:])
    np.testing.assert_array_equal(moved.state(), begun.state())


def test_gaussian_features_have_no_control_variate(make):
    with pytest.raises(TypeError, match="no control variate"):
        block_from(make, CASES["gaussian features"], SGD(1 / 32, 1), companion=True)


# Other people's optimizers, on losses that they differentiate themselves.


def losses(case, lib):
    """Return the loss of a batch at parameters, in torch or jax.numpy."""
    model, minimum = case.model, np.array([float(v) for v in case.minimum])
    if isinstance(model, RankOneModel):
        X, y = lib.asarray(model.features), lib.asarray(model.features @ minimum - model.residuals)
        return lambda theta, batch: (
            ((X[batch] @ theta - y[batch]) ** 2).mean() / 2 + model.ridge / 2 * (theta * theta).sum()
        )
    shared = isinstance(model, SharedCurvatureModel)
    A = lib.asarray(model.hessian[None].repeat(D, 0) if shared else model.curvatures)
    g, origin = lib.asarray(model.gradients), lib.asarray(minimum)
    return lambda theta, batch: (
        sum((theta - origin) @ A[k] @ (theta - origin) / 2 + g[k] @ (theta - origin) for k in batch) / len(batch)
    )


def path_of_torch(case, start, batches, rate, momentum, nesterov):
    torch = pytest.importorskip("torch")
    theta, loss = torch.tensor(start, dtype=torch.float64, requires_grad=True), losses(case, torch)
    optimizer = torch.optim.SGD([theta], lr=rate, momentum=momentum, nesterov=nesterov, weight_decay=0)
    for batch in batches:
        optimizer.zero_grad()
        loss(theta, torch.asarray(batch)).backward()
        optimizer.step()
    held = optimizer.state[theta].get("momentum_buffer")
    return theta.detach().numpy(), np.zeros(len(start)) if held is None else held.numpy()


def path_of_optax(case, start, batches, rate, momentum, nesterov):
    jax, optax = pytest.importorskip("jax"), pytest.importorskip("optax")
    with jax.enable_x64(True):
        theta, slope = jax.numpy.asarray(start), jax.jit(jax.grad(losses(case, jax.numpy)))
        optimizer = optax.sgd(rate, momentum=momentum or None, nesterov=nesterov)
        memory = optimizer.init(theta)
        for batch in batches:
            changes, memory = optimizer.update(slope(theta, batch), memory)
            theta = optax.apply_updates(theta, changes)
        assert theta.dtype == "float64"
        return np.array(theta), np.array(memory[0].trace) if momentum else np.zeros(len(start))


NEAR = ["rank one", "rank one, ridge", "shared curvature", "matrix"]


@pytest.fixture(scope="module", params=[path_of_torch, path_of_optax], ids=["torch", "optax"])
def their_paths(request):
    """The last parameters and velocities of each case and way of moving in somebody else's optimizer, found once."""
    known = {}

    def paths(name, knob):
        if (name, knob) not in known:
            case, (momentum, nesterov) = CASES[name], KNOBS[knob]
            minimum = np.array([float(v) for v in case.minimum])
            draws = given_draws(case, 2)
            ends = [
                request.param(case, minimum + case.start[:, r], draws[:, :, r], 1 / 32, momentum, nesterov)
                for r in range(REPLICAS)
            ]
            known[name, knob] = np.stack(ends, axis=-1)
        return known[name, knob]

    return paths


@pytest.mark.parametrize("name", NEAR)
@pytest.mark.parametrize("knob", [pytest.param("plain", marks=SLOW), "heavy", "nesterov"])
def test_the_same_batches_give_the_path_of(make, their_paths, name, knob):
    """Theirs rounds parameters, not offsets, so the scale holds the minimum too; twice LIMIT, for two rounded paths."""
    case, (momentum, nesterov) = CASES[name], KNOBS[knob]
    optimizer, draws = SGD(1 / 32, 2, momentum=momentum, nesterov=nesterov), given_draws(case, 2)
    block = block_from(make, case, optimizer)
    block.follow(draws)
    minimum = np.array([float(v) for v in case.minimum])[:, None]
    theirs, held = their_paths(name, knob)
    scale = max(np.abs(minimum).max(), np.abs(theirs).max())
    error = np.abs(block.state() + minimum - theirs).max()
    assert error <= 2 * LIMIT * STEPS * DIMENSION * ROUNDOFF["float64"] * scale
    assert np.abs(theirs - minimum - case.start).max() > 0.01  # they moved
    # A gradient is rounded as what it is made of, curvatures up to 20 times parameters.
    assert np.abs(block.velocity() - held).max() <= 20 * 2 * LIMIT * STEPS * DIMENSION * ROUNDOFF["float64"] * scale


# A block's own draws, replayed.


REPLAYED = [
    ("gaussian", "replacement"),
    ("gaussian features", "replacement"),
    ("rank one, ridge", "replacement"),
    pytest.param("rank one, ridge", "without_replacement", marks=SLOW),
    ("rank one, ridge", "reshuffle"),
    ("matrix", "without_replacement"),
    ("shared curvature", "reshuffle"),
]


@pytest.mark.parametrize(("name", "sampling"), REPLAYED)
def test_replayed_draws_give_what_advance_gives(make, name, sampling):
    """Draws are those of ``advance`` however it is cut into calls, and do not depend on what is done with them."""
    case = CASES[name]
    optimizer = SGD(1 / 32, 4, momentum=0.75, sampling=sampling)  # epochs of 4 + 2
    own, drawn, replayed = (block_from(make, case, optimizer) for _ in range(3))
    own.advance(5)
    own.advance(0)
    saved, middle = own.save(), own.state()
    own.advance(STEPS - 5)
    before = drawn.state()
    draws, sizes = drawn.draw(STEPS)
    replayed.follow(draws, sizes)
    exact = exact_offsets(case, draws, sizes, optimizer)
    assert ratio(own.state(), exact, "float64") <= LIMIT
    assert ratio(replayed.state(), exact, "float64") <= LIMIT
    np.testing.assert_array_equal(drawn.state(), before)
    if sampling == "reshuffle":
        assert sizes.tolist() == [4, 2] * (STEPS // 2)
    end = own.state()
    own.restore(saved)
    np.testing.assert_array_equal(own.state(), middle)
    own.advance(STEPS - 5)
    np.testing.assert_array_equal(own.state(), end)
    optimizer = SGD(1 / 8, 4, momentum=0.5, sampling=sampling)
    other = make(case.model, optimizer, np.zeros(DIMENSION), REPLICAS, np.random.SeedSequence(5))
    first, second = other.draw(5), other.draw(STEPS - 5)
    for piece, whole in zip(zip(first, second, strict=True), (draws, sizes), strict=True):
        np.testing.assert_array_equal(np.concatenate(piece), whole)
