"""Shuffled epochs of different curvatures: the expansion in their spread against exact laws and against runs."""

import itertools

import numpy as np
import pytest

from sgdtheory.errors import StabilityError
from sgdtheory.numeric.engine.model import epoch_sizes
from sgdtheory.numeric.moments import linear_optimizer
from sgdtheory.numeric.moments.epochs import epoch_law, expansion
from sgdtheory.numeric.moments.epochs.expansion import Expansion
from sgdtheory.numeric.moments.epochs.samples import samples_of
from sgdtheory.numeric.simulate import simulate
from sgdtheory.optimizers import SGD
from sgdtheory.problems import LeastSquares, QuadraticSums

# The exact law of a data set of a few kinds of samples, at batch size one: all that matters of the past of an epoch is
# how many samples of each kind are used up, so that moments are carried along beside these counts.


def affine_steps(curvatures, gradients, linear):
    """Return the step (kinds, q + 1, q + 1) of each kind of sample, on the state (d, s) and a one below it."""
    kinds, d = gradients.shape
    q = d * linear.size
    steps = np.zeros((kinds, q + 1, q + 1))
    for kind in range(kinds):
        pull = np.kron(curvatures[kind], np.outer(linear.drive, linear.look))
        steps[kind, :q, :q] = np.kron(np.eye(d), linear.transition) + pull
        steps[kind, :q, -1] = np.kron(gradients[kind], linear.drive)
        steps[kind, -1, -1] = 1
    return steps


def carried(steps, counts, seconds):
    """Return E[z z'] (phases, ..., q + 1, q + 1) after k = 0, 1, ... steps of an epoch, from those at its start."""
    n, grid, axes = sum(counts), tuple(count + 1 for count in counts), tuple(range(len(counts)))
    state = np.zeros((*grid, *seconds.shape))
    state[(0,) * len(counts)] = seconds
    used, found = np.indices(grid), [seconds]
    for k in range(n):
        new = np.zeros_like(state)
        for kind, count in enumerate(counts):
            before, after = (
                tuple(part if axis == kind else slice(None) for axis in axes) for part in (slice(0, -1), slice(1, None))
            )
            chance = ((count - used[kind]) / (n - k))[before]
            new[after] += chance.reshape(*chance.shape, *(1,) * seconds.ndim) * (
                steps[kind] @ state[before] @ steps[kind].T
            )
        state = new
        found.append(state.sum(axis=axes))
    return np.stack(found)


def exact_law(steps, counts):
    """Return E[z z'] at the phases k = 0, 1, ... of a stationary epoch."""
    size = steps.shape[-1]
    basis = np.array(list(itertools.combinations_with_replacement(range(size), 2)))
    seconds = np.zeros((len(basis), size, size))
    for place, (i, j) in enumerate(basis):
        seconds[place, i, j] = seconds[place, j, i] = 1
    every = carried(steps, counts, seconds)
    whole = every[-1][:, basis[:, 0], basis[:, 1]].T  # acts on the entries of E[z z'], of which the last is one
    solved = np.linalg.solve(np.eye(len(basis) - 1) - whole[:-1, :-1], whole[:-1, -1])
    return np.tensordot(np.append(solved, 1.0), every, (0, 1))


def both_laws(copies, momentum, strength, seed=1):
    """Return exact and expanded corrections to the bridge of four kinds, in copies, by name; and the largest spread."""
    kinds, d = 4, 2
    rng = np.random.default_rng(seed)
    spread, gradients = rng.normal(size=(kinds, d, d)), rng.normal(size=(kinds, d))
    spread, gradients = spread - spread.mean(axis=0), gradients - gradients.mean(axis=0)
    curvatures = np.diag([1.0, 0.25]) + (spread + spread.swapaxes(1, 2)) / 4
    n = kinds * copies
    problem = QuadraticSums(np.tile(curvatures, (copies, 1, 1)), -np.tile(gradients, (copies, 1)))
    linear = linear_optimizer.of(SGD(strength / n * (1 - momentum), 1, momentum, sampling="reshuffle"))
    vectors = problem.spectrum.vectors
    steps = affine_steps(vectors.T @ curvatures @ vectors, gradients @ vectors, linear)
    law = Expansion(linear, problem.spectrum.eigenvalues, samples_of(problem), epoch_sizes(n, 1))
    seconds = exact_law(steps, (copies,) * kinds)
    average = split(seconds[:-1].mean(axis=0), d)
    found = {"average": (average[1] - law.bridge.average[1], law.average[1] - law.bridge.average[1])}
    for phase in (0, 1, n // 2):
        mean, second = split(seconds[phase], d)
        covariance, bridge = second - np.einsum("ia,jb->ijab", mean, mean), law.bridge.covariance(phase)
        found[f"phase {phase / n:.2g}"] = covariance - bridge, law.covariance(phase) - bridge
        found[f"mean at {phase / n:.2g}"] = mean, law.mean(phase)
    return found


def split(second, d):
    q = len(second) - 1
    return second[:q, -1].reshape(d, -1), second[:q, :q].reshape(d, q // d, d, q // d).transpose(0, 2, 1, 3)


@pytest.mark.parametrize(
    ("momentum", "strength", "copies"), [(0.0, 1.0, (3, 6)), (0.0, 6.0, (4, 8)), (0.3, 2.0, (3, 6))], ids=str
)
def test_what_is_left_of_the_correction_falls_as_one_over_the_number_of_samples(momentum, strength, copies):
    """With learning rate times samples fixed, the expansion's error is a part 1/n of the correction.

    Extrapolated to n = infinity no entry may be off by 3 % of the largest: a dropped term of that size fails.
    """
    few, many = copies
    first, second = both_laws(few, momentum, strength), both_laws(many, momentum, strength)
    for name in ("average", "phase 0", "phase 0.5", "mean at 0", "mean at 0.5"):
        errors = []
        for exact, expanded in (first[name], second[name]):
            scale = np.abs(exact).max(axis=(0, 1), keepdims=True)  # of each number of the state
            errors.append((expanded - exact) / scale)
        left = (many * errors[1] - few * errors[0]) / (many - few)
        assert np.abs(errors[1]).max() < 0.6 * np.abs(errors[0]).max(), name
        assert np.abs(left).max() < 0.03, name


def least_squares(n=300, d=3, seed=2):
    """Return a problem with a steep, a middling and a flat direction."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d)) * [1.0, 0.5, 0.15]
    return LeastSquares(X, X @ np.ones(d) + rng.normal(size=n))


def corrections(problem, optimizer):
    law = epoch_law(problem, optimizer)
    bridge = law.moments.bridge
    return np.stack([law.moments.average[1] - bridge.average[1], law.moments.covariance(0) - bridge.covariance(0)])


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_batches_taken_together_change_little(monkeypatch, momentum):
    """Groups of 2 and of 7 batches, where none need be: the corrections differ by a few percent of themselves."""
    problem, optimizer = least_squares(280), SGD(0.02 * (1 - momentum), 5, momentum, sampling="reshuffle")
    fine = corrections(problem, optimizer)
    scale = np.abs(fine).max(axis=(1, 2), keepdims=True)
    for groups, tolerance in ((28, 0.02), (8, 0.08)):
        monkeypatch.setattr(expansion, "GROUPS", (groups, groups))
        assert np.abs((corrections(problem, optimizer) - fine) / scale)[..., 0, 0].max() < tolerance


def test_least_squares_is_the_sum_of_its_quadratics():
    problem = least_squares(60)
    matrices = problem.X[:, :, None] * problem.X[:, None, :]
    same = QuadraticSums(matrices, problem.X * problem.y[:, None])
    optimizer = SGD(0.05, 7, 0.5, sampling="reshuffle")
    first, second = epoch_law(problem, optimizer), epoch_law(same, optimizer)
    for phase in (0, 4, 8):
        np.testing.assert_allclose(first.covariance(phase), second.covariance(phase), rtol=1e-9)
        np.testing.assert_allclose(first.mean(phase), second.mean(phase), rtol=1e-9)
    assert first.average_excess_loss == pytest.approx(second.average_excess_loss, rel=1e-10)
    assert not first.exact
    assert first.moments.neglected == pytest.approx(second.moments.neglected, rel=1e-6)
    assert "1/n of that contribution" in first.caveats[0]


def test_one_batch_of_all_samples_is_gradient_descent():
    problem = least_squares(60)
    law = epoch_law(problem, SGD(0.3, 60, 0.5, sampling="reshuffle"))
    assert not law.covariance().any()
    assert law.average_excess_loss == law.moments.neglected == 0
    np.testing.assert_array_equal(law.mean(), problem.minimum)


def test_what_the_expansion_cannot_do_is_refused():
    problem = least_squares(60)
    with pytest.raises(StabilityError, match="does not converge"):
        epoch_law(problem, SGD(1.4, 1, sampling="reshuffle")).covariance()
    wide = np.random.default_rng(0).normal(size=(150, 101))
    with pytest.raises(NotImplementedError, match="up to 100 parameters"):
        epoch_law(LeastSquares(wide, wide[:, 0]), SGD(1e-4, 1, sampling="reshuffle"))


@pytest.mark.slow
@pytest.mark.parametrize(("size", "rate", "momentum"), [(8, 0.12, 0.0), (8, 0.012, 0.9)], ids=str)
def test_runs_land_on_the_law(size, rate, momentum):
    """Epochs of 300 samples with a last batch of 4, where the bridge alone is off by several percent.

    Five standard errors, and what is neglected: a false alarm in a million; the bridge alone is refused by as much.
    """
    problem, optimizer = least_squares(), SGD(rate, size, momentum, sampling="reshuffle")
    law = epoch_law(problem, optimizer)
    steps = law.batches * 40  # the slowest direction has forgotten all but a part 1e-3 of its start's variance
    run = simulate(problem, optimizer, 4 * steps, 2048, time_average=True, burn_in=steps, seed=3)
    end = simulate(problem, optimizer, steps, 60_000, seed=4)
    bridge = law.moments.bridge
    for seen, wanted, plain in (
        (run, law.average_excess_loss, bridge.average[1]),
        (end, law.excess_loss(), bridge.carried),
    ):
        held = law.linear.held
        alone = problem.spectrum.eigenvalues @ np.einsum("a,iiab,b->i", held, plain, held) / 2
        allowed = 5 * seen.excess_loss_standard_error + law.moments.neglected * wanted
        assert allowed < 0.05 * wanted
        assert abs(seen.excess_loss - wanted) < allowed
        assert seen.excess_loss - alone > allowed
