"""Shuffled epochs of one curvature, and of few samples: against every permutation, run by the update itself."""

from itertools import permutations

import mpmath
import numpy as np
import pytest
import sympy as sp

from sgdtheory.errors import DomainError, NonFiniteError, StabilityError
from sgdtheory.numeric.engine.model import epoch_sizes
from sgdtheory.numeric.moments.epochs import epoch_law, epoch_transient
from sgdtheory.numeric.moments.epochs.enumeration import Enumerated
from sgdtheory.numeric.moments.epochs.modified_loss import modified_loss_minimum
from sgdtheory.optimizers import SGD
from sgdtheory.problems import LeastSquares, Quadratic, QuadraticSums
from sgdtheory.processes.update import update
from sgdtheory.verbs.laws import stationary_law

OPTIMIZERS = {"plain": {}, "heavy ball": {"momentum": 0.7}, "nesterov": {"momentum": 0.8, "nesterov": True}}
EPOCHS = [(4, 1), (4, 4), (5, 2), (5, 4), (6, 2), (6, 4), (6, 1)]


def sums(n, d, *, one_curvature, seed=0):
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(n, d, d))
    curvatures = roots @ roots.transpose(0, 2, 1) + 0.3 * np.eye(d)
    return QuadraticSums(curvatures[0] if one_curvature else curvatures, rng.normal(size=(n, d)))


def shuffled(problem, m, fraction=0.3, **knobs):
    highest = np.linalg.eigvalsh(problem.hessian)[-1]
    return SGD(fraction / highest, m, **knobs, sampling="reshuffle")


def every_epoch(problem, optimizer):
    """Return, for each phase, the affine maps of parameters, velocity and a one under every permutation."""
    n, d, m = problem.dataset_size, problem.dimension, optimizer.batch_size
    curvatures = np.broadcast_to(problem.curvatures, (n, d, d))
    knobs = {name: getattr(optimizer, name) for name in ("learning_rate", "momentum", "nesterov")}
    orders = np.array(list(permutations(range(n))))
    z = np.broadcast_to(np.eye(2 * d + 1), (len(orders), 2 * d + 1, 2 * d + 1))
    maps = [z]
    for start in range(0, n, m):
        batch = orders[:, start : start + m]
        A, b = curvatures[batch].mean(axis=1), problem.slopes[batch].mean(axis=1)
        parameters, velocity, one = z[:, :d], z[:, d:-1], z[:, -1:]
        gradient = A @ parameters - b[:, :, None] * one
        z = np.concatenate([*update(parameters, velocity, gradient, **knobs), one], axis=1)
        maps.append(z)
    return maps


def moments_of(maps, second):
    """Return E[z z'] after random maps."""
    return np.einsum("kab,bc,kdc->ad", maps, second, maps, optimize=True) / len(maps)


def settled(maps):
    """Return the E[z z'], with a one below z, that the mean over all permutations does not change."""
    q = maps[-1].shape[1]
    whole = np.einsum("kab,kcd->acbd", maps[-1], maps[-1], optimize=True).reshape(q * q, q * q) / len(maps[-1])
    solved = np.linalg.solve(np.eye(q * q - 1) - whole[:-1, :-1], whole[:-1, -1])
    return np.append(solved, 1.0).reshape(q, q)


@pytest.mark.parametrize("knobs", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize(("n", "m"), EPOCHS)
@pytest.mark.parametrize("one_curvature", [True, False], ids=["one curvature", "different curvatures"])
def test_every_phase_is_that_of_all_permutations(n, m, knobs, one_curvature):
    problem = sums(n, 2, one_curvature=one_curvature)
    optimizer = shuffled(problem, m, **knobs)
    law, maps = epoch_law(problem, optimizer), every_epoch(problem, optimizer)
    start, plain = settled(maps), optimizer.momentum == 0
    scale, H, d = np.abs(moments_of(maps[1], start)[:2, :2]).max(), problem.hessian, 2
    assert law.exact
    assert law.caveats == ()
    seconds = []
    for phase in range(law.batches):
        second = moments_of(maps[phase], start)
        mean = second[:-1, -1]
        covariance = second[:-1, :-1] - np.outer(mean, mean)
        np.testing.assert_allclose(law.mean(phase), mean[:d], rtol=0, atol=1e-12)
        np.testing.assert_allclose(law.covariance(phase), covariance[:d, :d], rtol=1e-12, atol=1e-12 * scale)
        velocity = np.zeros((d, d)) if plain else covariance[d:, d:]
        np.testing.assert_allclose(law.velocity_covariance(phase), velocity, rtol=1e-11, atol=1e-12)
        about = covariance[:d, :d] + np.outer(mean[:d] - problem.minimum, mean[:d] - problem.minimum)
        assert law.excess_loss(phase) == pytest.approx(np.trace(H @ about) / 2, rel=1e-11, abs=1e-14)
        assert law.gradient_norm_squared(phase) == pytest.approx(np.trace(H @ H @ about), rel=1e-11, abs=1e-14)
        seconds.append((second, about))
    second, about = (np.mean([pair[place] for pair in seconds], axis=0) for place in (0, 1))
    covariance = second[:-1, :-1] - np.outer(second[:-1, -1], second[:-1, -1])
    np.testing.assert_allclose(law.average_mean, second[:d, -1], rtol=0, atol=1e-12)
    np.testing.assert_allclose(law.average_covariance, covariance[:d, :d], rtol=1e-11, atol=1e-13)
    if not plain:
        np.testing.assert_allclose(law.average_velocity_covariance, covariance[d:, d:], rtol=1e-11, atol=1e-12)
    assert law.average_excess_loss == pytest.approx(np.trace(H @ about) / 2, rel=1e-11, abs=1e-14)
    assert law.average_gradient_norm_squared == pytest.approx(np.trace(H @ H @ about), rel=1e-11, abs=1e-14)


@pytest.mark.parametrize("knobs", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("fraction", [0.3, 3.0], ids=["stable", "unstable"])
def test_transient_over_epochs_is_that_of_all_permutations(knobs, fraction):
    """From a fixed start, with a flat direction, up to two epochs and a half."""
    rng = np.random.default_rng(4)
    direction, slopes = rng.normal(size=2), rng.normal(size=(5, 2))
    problem = QuadraticSums(np.outer(direction, direction), slopes - slopes.mean(axis=0))
    optimizer = shuffled(problem, 2, fraction, **knobs)
    maps = every_epoch(problem, optimizer)
    z = np.array([1.0, -2.0, 0.0, 0.0, 1.0])
    second = np.outer(z, z)
    for steps in range(8):
        epochs, phase = divmod(steps, 3)
        now = second
        for _ in range(epochs):
            now = moments_of(maps[-1], now)
        now = moments_of(maps[phase], now)
        mean = now[:-1, -1]
        covariance = now[:-1, :-1] - np.outer(mean, mean)
        found, scale = epoch_transient(problem, optimizer, z[:2], steps), np.abs(now).max()
        np.testing.assert_allclose(found["mean"], mean[:2], rtol=0, atol=1e-12 * scale)
        np.testing.assert_allclose(found["covariance"], covariance[:2, :2], rtol=0, atol=1e-12 * scale)
        if optimizer.momentum:
            np.testing.assert_allclose(found["velocity_mean"], mean[2:], rtol=0, atol=1e-12 * scale)
            np.testing.assert_allclose(found["velocity_covariance"], covariance[2:, 2:], rtol=0, atol=1e-12 * scale)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_sixty_thousand_batches_are_those_taken_one_by_one(momentum):
    n = 60_000
    samples = np.random.default_rng(0).normal(size=(n, 1)) * [1.0, 0.3]
    problem = QuadraticSums([[2.0, 0.2], [0.2, 0.05]], samples)
    optimizer = SGD(1e-3 * (1 - momentum), 1, momentum, sampling="reshuffle")
    law = epoch_law(problem, optimizer)
    P, b = law.linear.along(problem.spectrum.eigenvalues), law.linear.drive
    reached, products = np.zeros((2, len(b))), np.zeros((2, 2, len(b), len(b)))
    pushed = np.einsum("a,b->ab", b, b)
    for _ in range(n):
        reached = np.einsum("iab,ib->ia", P, reached) + b
        products = np.einsum("iac,ijcd,jbd->ijab", P, products, P) + pushed
    noise = problem.spectrum.vectors.T @ problem.noise @ problem.spectrum.vectors
    added = (noise / (n - 1))[..., None, None] * (n * products - np.einsum("ia,jb->ijab", reached, reached))
    np.testing.assert_allclose(law.moments.added(n), added, rtol=1e-8)


def test_the_end_of_an_epoch_keeps_its_digits():
    """At eta h M = 1e-6 the variance is the third-order eta^3 h c M (M^2 - 1)/(24 (n - 1)), a part 1e-13 of the sum."""
    n, h = 1000, 1.0
    gradients = np.random.default_rng(1).normal(size=(n, 1))
    problem = QuadraticSums([[h]], gradients)
    law = epoch_law(problem, SGD(1e-9, 1, sampling="reshuffle"))
    c, eta = problem.noise.item(), 1e-9
    assert law.covariance().item() == pytest.approx(eta**3 * h * c * n * (n**2 - 1) / (24 * (n - 1)), rel=3e-6)
    assert law.covariance(300).item() == pytest.approx(eta**2 * c * 300 * (n - 300) / (n - 1), rel=3e-6)
    assert law.average_covariance.item() == pytest.approx(eta**2 * c * (n**2 - 1) / (6 * (n - 1)), rel=3e-6)


def test_gaussian_noise_of_a_finite_data_set_has_the_law_of_its_samples():
    """Only the covariance of the samples matters; one sample, and one batch of all, have no noise."""
    problem = sums(12, 3, one_curvature=True)
    other = Quadratic(problem.hessian, problem.noise, minimum=problem.minimum, dataset_size=12)
    optimizer = shuffled(problem, 5, momentum=0.5)
    np.testing.assert_allclose(epoch_law(other, optimizer).covariance(1), epoch_law(problem, optimizer).covariance(1))
    for n, m in ((1, 1), (7, 7)):
        law = epoch_law(sums(n, 2, one_curvature=True), SGD(0.01, m, sampling="reshuffle"))
        assert law.batches == 1
        assert not law.covariance().any()
        assert law.average_excess_loss == 0


def test_the_mean_leaves_the_minimum_of_the_loss_for_that_of_the_modified_one():
    """The shift is of first order in the learning rate, what is left of it of second order."""
    for m in (1, 2, 4):
        problem, gaps, shifts = sums(6, 2, one_curvature=False, seed=3), [], []
        for fraction in (0.02, 0.01, 0.005):
            optimizer = shuffled(problem, m, fraction)
            mean = epoch_law(problem, optimizer).mean()
            gaps.append(np.linalg.norm(mean - modified_loss_minimum(problem, optimizer)))
            shifts.append(np.linalg.norm(mean - problem.minimum))
        assert shifts[1] / shifts[2] == pytest.approx(2, rel=0.02)
        assert gaps[1] / gaps[2] == pytest.approx(4, rel=0.03)
        assert gaps[2] < 0.02 * shifts[2]


def test_the_modified_loss_has_its_minimum_there():
    """Its gradient, from the batches' gradients themselves, vanishes: L + (eta/4) mean over all batches |grad|^2."""
    problem = sums(6, 2, one_curvature=False)
    optimizer = shuffled(problem, 2)
    found = modified_loss_minimum(problem, optimizer)
    slope = problem.gradient(found)
    for order in permutations(range(6), 2):
        A, b = problem.curvatures[list(order)].mean(axis=0), problem.slopes[list(order)].mean(axis=0)
        slope = slope + optimizer.learning_rate / 2 * A @ (A @ found - b) / 30
    np.testing.assert_allclose(slope, 0, atol=1e-14)
    same = sums(6, 2, one_curvature=True)
    np.testing.assert_array_equal(modified_loss_minimum(same, shuffled(same, 2)), same.minimum)
    with pytest.raises(DomainError, match="momentum"):
        modified_loss_minimum(problem, shuffled(problem, 2, momentum=0.5))


def test_what_has_no_shuffled_epochs_is_refused():
    problem = sums(6, 2, one_curvature=True)
    good = shuffled(problem, 2)
    with pytest.raises(DomainError, match="sampling='replacement'"):
        epoch_law(problem, SGD(0.1, 2))
    with pytest.raises(DomainError, match="larger than the data set"):
        epoch_law(problem, shuffled(problem, 7))
    with pytest.raises(DomainError, match="finite data set"):
        epoch_law(Quadratic([[1.0]], [[1.0]]), good)
    with pytest.raises(DomainError, match="not positive definite"):
        epoch_law(QuadraticSums(np.diag([1.0, 0.0]), problem.slopes), good)
    with pytest.raises(StabilityError, match="largest stable"):
        epoch_law(problem, shuffled(problem, 2, 2.01))
    steep = QuadraticSums([[[0.1]]] * 5 + [[[5.0]]], [[-1.0], [1.0]] * 3)
    with pytest.raises(StabilityError, match="does not shrink"):
        epoch_law(steep, shuffled(steep, 1, 1.9))
    with pytest.raises(DomainError, match="an optimizer of sympy values"):
        epoch_law(problem, SGD(sp.Symbol("eta", positive=True), 2, sampling="reshuffle"))
    with pytest.raises(DomainError, match="a problem of sympy values"):
        epoch_law(Quadratic(sp.eye(2), sp.eye(2), dataset_size=6), good)
    with pytest.raises(DomainError, match="kind"):
        epoch_law(good, problem)
    for phase in (3, -1, 1.5, True, "1"):
        with pytest.raises(DomainError):
            epoch_law(problem, good).covariance(phase)
    for steps, start in ((-1, [0.0, 0.0]), (1.5, [0.0, 0.0])):
        with pytest.raises(DomainError):
            epoch_transient(problem, good, start, steps)
    with pytest.raises(NonFiniteError):
        epoch_transient(problem, good, [np.nan, 0.0], 2)
    with pytest.raises(NotImplementedError, match="one curvature"):
        epoch_transient(LeastSquares([[1.0], [2.0]], [1.0, 1.0]), good, [0.0], 1)


def test_enumeration_agrees_with_the_bridge_where_curvatures_are_the_same():
    problem = sums(7, 1, one_curvature=True)
    optimizer = shuffled(problem, 3, momentum=0.5)
    law, sizes = epoch_law(problem, optimizer), epoch_sizes(7, 3)
    same = np.broadcast_to(problem.hessian, (7, 1, 1))
    found = Enumerated(law.linear, same, problem.sample_gradients(problem.minimum), sizes)
    for phase in range(3):
        np.testing.assert_allclose(found.covariance(phase), law.moments.covariance(phase), rtol=1e-12, atol=1e-15)


def to_sixty_digits(problem, optimizer, phase):
    """Return the stationary variances of the only parameter and its velocity, over all permutations."""
    with mpmath.workdps(60):
        knobs = {"learning_rate": mpmath.mpf(optimizer.learning_rate), "momentum": mpmath.mpf(optimizer.momentum)}
        n, m = problem.dataset_size, optimizer.batch_size
        curvatures = [mpmath.mpf(float(A)) for A in np.broadcast_to(problem.curvatures, (n, 1, 1)).ravel()]
        slopes = [mpmath.mpf(float(b)) for b in problem.slopes.ravel()]
        maps = []
        for order in permutations(range(n)):
            at = [mpmath.eye(3)]
            for start in range(0, n, m):
                batch = order[start : start + m]
                A, b = (sum(values[i] for i in batch) / len(batch) for values in (curvatures, slopes))
                units = [(1, 0, A, 0), (0, 1, 0, 0), (0, 0, -b, 1)]  # parameter, velocity, gradient, one
                columns = [[*update(*unit[:3], nesterov=optimizer.nesterov, **knobs), unit[3]] for unit in units]
                at.append(mpmath.matrix(columns).T * at[-1])
            maps.append(at)
        return [float(x) for x in _variances(maps, phase)]


def _variances(maps, phase):
    whole = [at[-1] for at in maps]
    mean = sum(whole[1:], whole[0]) / len(maps)
    rest = mpmath.lu_solve(mpmath.eye(2) - mean[:2, :2], mean[:2, 2])
    point = mpmath.matrix([*rest, 1])
    system, right = mpmath.eye(4), mpmath.zeros(4, 1)
    places = [(i, j) for i in range(2) for j in range(2)]
    for A in whole:
        off = A * point - point
        for row, (i, j) in enumerate(places):
            right[row] += off[i] * off[j] / len(maps)
            for column, (m, n) in enumerate(places):
                system[row, column] -= A[i, m] * A[j, n] / len(maps)
    found = mpmath.lu_solve(system, right)
    second = mpmath.matrix([[found[0], found[1], 0], [found[2], found[3], 0], [0, 0, 0]]) + point * point.T
    later = [at[phase] * second * at[phase].T for at in maps]
    points = [at[phase] * point for at in maps]
    moment, middle = sum(later[1:], later[0]) / len(maps), sum(points[1:], points[0]) / len(maps)
    return [moment[k, k] - middle[k] ** 2 for k in range(2)]


@pytest.mark.parametrize("one_curvature", [True, False])
@pytest.mark.parametrize("rate", [1e-10, 1e-7, 1e-4, 1.0])
@pytest.mark.parametrize(("momentum", "nesterov"), [(0.6, True), (0.9, False), (0.99, False), (0.999, True)])
def test_small_rates_keep_their_digits(one_curvature, rate, momentum, nesterov):
    """Parameters of the order of the rate beside velocities of order one, whose sum over an epoch nearly cancels."""
    curvatures = [[0.5]] if one_curvature else [[[0.5]], [[0.52]], [[0.48]], [[0.5]]]
    problem = QuadraticSums(curvatures, [[1.0], [-2.0], [3.0], [-2.0]])
    optimizer = SGD(rate, 2, momentum=momentum, nesterov=nesterov, sampling="reshuffle")
    law = epoch_law(problem, optimizer)
    for phase in range(2):
        parameters, velocity = to_sixty_digits(problem, optimizer, phase)
        assert law.covariance(phase)[0, 0] == pytest.approx(parameters, rel=1e-10)
        assert law.velocity_covariance(phase)[0, 0] == pytest.approx(velocity, rel=1e-10)


def test_phases_share_what_is_worked_out(monkeypatch):
    problem = sums(6, 2, one_curvature=False)
    law = stationary_law(problem, shuffled(problem, 2))
    monkeypatch.setattr("sgdtheory.numeric.moments.epochs.epoch_law", None)
    assert law.at_phase(1).averaged().at_phase(2).excess_loss == law.at_phase(2).excess_loss
