"""The noise loop for optimizers with averages, delays and weight decay, for Gaussian features, and at its edges."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import scipy.linalg
from every_batch import means, samples, stationary, torch_step

import sgdtheory as st
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError, StabilityError
from sgdtheory.numeric.moments.largest_rate import largest_rate
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer, of, with_average, with_delay, with_weight_decay
from sgdtheory.numeric.moments.noise_loop import NoiseLoop
from sgdtheory.numeric.moments.of_problem import loop_of
from sgdtheory.numeric.moments.state import settled
from sgdtheory.numeric.solvers.sampled_curvature import (
    MANY,
    GaussianCurvature,
    MatrixCurvature,
    RankOneCurvature,
    SharedCurvature,
    TensorCurvature,
)
from sgdtheory.numeric.stability.mean_square import mean_square_limit

CURVATURES, GRADIENTS = samples(seed=1)
CURVATURE = MatrixCurvature(CURVATURES)
C = GRADIENTS.T @ GRADIENTS / len(GRADIENTS)
ONE, ZERO = np.eye(2), np.zeros((2, 2))


def close(found, wanted, tolerance=1e-12):
    np.testing.assert_allclose(found, wanted, rtol=0, atol=tolerance * np.abs(wanted).max())


def every(optimizer, gradients=GRADIENTS):
    return means(CURVATURES, gradients, optimizer)


@pytest.mark.parametrize("nesterov", [False, True])
def test_averaged_weights(nesterov):
    """State (e, v, average), the average taking the parameters after the step."""
    optimizer, decay = st.SGD(0.1, 2, 0.6, nesterov), 0.8
    steps = []
    for A, g in every(optimizer):
        M, q = torch_step(A, g, optimizer)
        below = np.hstack([(1 - decay) * M[:2], decay * ONE])
        steps.append((np.vstack([np.hstack([M, np.zeros((4, 2))]), below]), np.concatenate([q, (1 - decay) * q[:2]])))
    S, radius = stationary(steps)
    linear = with_average(of(optimizer), decay)
    loop = NoiseLoop(linear, CURVATURE, 0.5)
    state = settled(loop, C / 2)
    close(state.seen(linear.held), S[4:, 4:])
    close(state.seen(linear.velocity), S[2:4, 2:4])
    assert 1 - loop.contraction_rate == pytest.approx(1 - radius, rel=1e-10)
    mean = np.mean([M for M, _ in steps], axis=0)
    close(state.between(linear.held, linear.held, 3), (np.linalg.matrix_power(mean, 3) @ S)[4:, 4:])


def test_averaged_weights_of_one_curvature():
    """(1 - b) / (1 + b) (1 + b a) / (1 - b a) of the variance, a = 1 - eta h."""
    linear, a, b = with_average(of(st.SGD(0.3, 1)), 0.9), 1 - 0.3 * 2, 0.9
    state = settled(NoiseLoop(linear, SharedCurvature(np.array([[2.0]])), 1.0), np.array([[1.0]]))
    variance = 0.3**2 / (1 - a * a)
    assert state.seen(linear.held).item() == pytest.approx(
        variance * (1 - b) / (1 + b) * (1 + b * a) / (1 - b * a), rel=1e-13
    )


@pytest.mark.parametrize("delay", [1, 2])
def test_delayed_gradients(delay):
    """State (theta now, ..., theta some steps ago); the gradient is that of the oldest."""
    optimizer = st.SGD(0.07, 1)
    size = 2 * (delay + 1)
    steps = []
    for A, g in every(optimizer):
        M = np.eye(size, k=-2)
        M[:2, :2] = ONE
        M[:2, -2:] += -0.07 * A
        steps.append((M, np.concatenate([-0.07 * g, np.zeros(size - 2)])))
    S, radius = stationary(steps)
    linear = with_delay(of(optimizer), delay)
    loop = NoiseLoop(linear, CURVATURE, 1.0)
    close(settled(loop, C).seen(linear.held), S[:2, :2])
    assert 1 - loop.contraction_rate == pytest.approx(1 - radius, rel=1e-10)


@pytest.mark.parametrize("delay", [0, 1, 5])
def test_delay_of_one_curvature(delay):
    """With eta h = 2 sin(t/2), s = t (delay + 1/2): eta^2 c (1 + sin s) / (2 sin t cos s), stable up to s = pi/2."""
    linear = with_delay(of(st.SGD(0.1, 1)), delay)
    t = np.pi / 3 / (delay + 0.5)
    h = 2 * np.sin(t / 2) / 0.1
    state = settled(NoiseLoop(linear, SharedCurvature(np.array([[h]])), 1.0), np.array([[3.0]]))
    wanted = 0.1**2 * 3 * (1 + np.sin(np.pi / 3)) / (2 * np.sin(t) * np.cos(np.pi / 3))
    assert state.seen(linear.held).item() == pytest.approx(wanted, rel=1e-11)
    edge = 2 * np.sin(np.pi / 2 / (2 * delay + 1)) / 0.1
    for factor, stable in ((1 - 1e-9, True), (1 + 1e-9, False)):
        assert NoiseLoop(linear, SharedCurvature(np.array([[edge * factor]])), 1.0).mean_contracts is stable


def test_weight_decay():
    """As a ridge of every sample: the mean settles elsewhere, and the gradient noise there drives the loop."""
    decay, optimizer, minimum = 0.2, st.SGD(0.1, 1, 0.6), np.array([1.5, -0.75])
    H = CURVATURES.mean(axis=0)
    rest = np.linalg.solve(H + decay * ONE, -decay * minimum)  # distance from the minimum
    slopes = GRADIENTS + CURVATURES @ rest + decay * (minimum + rest)
    steps = [torch_step(A + decay * ONE, g, optimizer) for A, g in means(CURVATURES, slopes, optimizer)]
    S, _ = stationary(steps)
    linear = with_weight_decay(of(optimizer), decay)
    there = np.cov(slopes.T, bias=True)
    close(settled(NoiseLoop(linear, CURVATURE, 1.0), there).seen(linear.held), S[:2, :2])
    assert np.abs(there - C).max() > 0.05 * np.abs(C).max()


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9, 0.999])
@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("delay", [0, 1, 6])
def test_gains_are_positive(momentum, nesterov, delay):
    """What the loop's symmetry needs, over twelve orders of magnitude of curvature and beyond the contraction rate."""
    linear = with_delay(of(st.SGD(1.0, 1, momentum, nesterov and momentum > 0)), delay)
    curvatures = np.array([h for h in np.geomspace(1e-12, 4, 90) if linear.slack(np.array([h])) > 0])
    for slack in (-1.0, -1e-3, 0.0, 0.999 * linear.slack(curvatures)):
        gains = np.einsum("a,ijab,b->ij", linear.look, linear.gains(curvatures, slack), linear.look)
        assert gains.min() > 0


def test_an_optimizer_that_looks_where_nothing_moves_is_refused():
    linear = LinearOptimizer(0.5 * np.eye(2), np.array([-0.1, 0.0]), np.array([0.0, 1.0]), *np.eye(2))
    with pytest.raises(DomainError, match="opposite"):
        NoiseLoop(linear, CURVATURE, 1.0).solve(C)


def gaussian_steps(optimizer, root, deviation):
    """Every batch of a product rule that has the moments of Gaussian features up to the fifth, all of one weight.

    Three Gauss-Hermite nodes of weights 1/6, 2/3, 1/6 are six equal ones; the targets' noise is plus or minus one.
    """
    nodes = np.array([-np.sqrt(3), 0, 0, 0, 0, np.sqrt(3)])
    drawn = [(root @ np.array(z), sign) for *z, sign in product(nodes, nodes, (-1, 1))]
    curvatures = np.array([np.outer(x, x) for x, _ in drawn])
    gradients = np.array([-deviation * sign * x for x, sign in drawn])
    return [torch_step(A, g, optimizer) for A, g in means(curvatures, gradients, optimizer)]


@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.5, False), (0.5, True)])
def test_gaussian_features_against_a_product_rule(momentum, nesterov):
    root = np.array([[1.0, 0.0], [0.5, 0.6]])
    problem = st.GaussianFeatures(root @ root.T, 0.49, minimum=[1.0, -1.0])
    optimizer = st.SGD(0.1, 1, momentum, nesterov)
    S, radius = stationary(gaussian_steps(optimizer, root, 0.7))
    law = st.stationary_law(problem, optimizer)
    close(law.covariance, S[:2, :2])
    assert 1 - law.contraction_rate == pytest.approx(1 - radius, rel=1e-10)
    assert law.exact
    if momentum:
        close(law.velocity_covariance, S[2:, 2:])
    e = np.array([0.3, -2.0])
    ends = [(M[2:, :2] @ e + q[2:]) for M, q in gaussian_steps(st.SGD(0.1, 1), root, 0.7)]
    close(problem.noise_at(problem.minimum + e), np.cov(np.array(ends).T, bias=True))


@pytest.mark.parametrize("m", [1, 3])
@pytest.mark.parametrize("momentum", [0.0, 0.7])
def test_gaussian_features_have_the_secular_closed_form(m, momentum):
    """G_k = 2 (1 - mu) - eta h_k ((1 - mu)/(1 + mu) + 1/m); the limit is where sum eta h_k / G_k = m."""
    h, variance, eta = np.array([0.2, 0.7, 1.5, 1.5]), 0.8, 0.08
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4)))[0]
    problem = st.GaussianFeatures(turn @ np.diag(h) @ turn.T, variance)
    G = 2 * (1 - momentum) - eta * h * ((1 - momentum) / (1 + momentum) + 1 / m)
    wanted = turn @ np.diag(eta * variance / m / G / (1 - (eta * h / G).sum() / m)) @ turn.T
    close(st.stationary_law(problem, st.SGD(eta, m, momentum)).covariance, wanted, 1e-12)
    limit = largest_rate(GaussianCurvature(problem.hessian), 1 / m, momentum)
    G = 2 * (1 - momentum) - limit * h * ((1 - momentum) / (1 + momentum) + 1 / m)
    assert (limit * h / G).sum() == pytest.approx(m, rel=1e-10)


def dense_radius(curvature, eta, p, momentum):
    """Return the radius of the whole map of second moments of e and velocity, from the samples one by one."""
    H = curvature.hessian
    d = len(H)
    one, zero = np.eye(d), np.zeros((d, d))

    def step(A):
        velocity = np.hstack([A, momentum * one])
        return np.vstack([np.hstack([one, zero]) - eta * velocity, velocity])

    mean = step(H)
    each = sum(np.kron(step(np.outer(x, x)), step(np.outer(x, x))) for x in curvature.features)
    whole = (1 - p) * np.kron(mean, mean) + p * each / len(curvature.features)
    return np.abs(np.linalg.eigvals(whole)).max()


@pytest.mark.parametrize("momentum", [0.0, 0.9])
@pytest.mark.parametrize("share_of_limit", [0.1, 0.95, 1.3])
def test_contraction_rate_of_ill_conditioned_features(momentum, share_of_limit):
    """Also beyond the limit, where the second moment grows and the mean still contracts."""
    X = np.random.default_rng(1).normal(size=(24, 5)) * np.geomspace(1, 0.03, 5)
    curvature, p = RankOneCurvature(X), 0.5
    eta = share_of_limit * largest_rate(curvature, p, momentum)
    loop = NoiseLoop(of(st.SGD(eta, 1, momentum)), curvature, p)
    wanted = dense_radius(curvature, eta, p, momentum)
    assert 1 - loop.contraction_rate == pytest.approx(1 - wanted, rel=1e-8)
    assert loop.contracts is (share_of_limit < 1)


@pytest.mark.parametrize(
    ("momentum", "nesterov", "delay"), [(0, False, 0), (0.8, False, 0), (0.8, True, 0), (0, False, 2)]
)
def test_contraction_seen_in_a_few_rounds_is_that_of_the_radius(momentum, nesterov, delay, monkeypatch):
    """Where it is seen no eigenvalue is worked out; beyond the limit it is never seen."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        curvature = RankOneCurvature(rng.standard_t(3, size=(30, 4)) * np.geomspace(1, 0.1, 4))
        one = st.SGD(1.0, 1, momentum, nesterov, delay=delay)
        limit = mean_square_limit(curvature, 0.5, one)
        for part in (0.01, 0.3, 0.6, 0.9, 0.999, 1.001, 1.1, 2.0):
            loop = NoiseLoop(of(replace(one, learning_rate=part * limit)), curvature, 0.5)
            assert loop.contracts is (loop.radius < 1) is (part < 1)
            with monkeypatch.context() as patch:
                patch.setattr(NoiseLoop, "radius", np.inf)
                seen = replace(loop).contracts
            assert seen <= (part < 1)
            assert seen or part > 0.01


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.95])
@pytest.mark.parametrize("d", [1, 3, 23])
def test_at_the_largest_rate_the_radius_is_one(d, momentum):
    X = np.random.default_rng(d).normal(size=(4 * d, d)) * np.geomspace(1, 0.1, d)
    curvature = RankOneCurvature(X)
    limit = largest_rate(curvature, 0.25, momentum)
    assert NoiseLoop(of(st.SGD(limit, 1, momentum)), curvature, 0.25).radius == pytest.approx(1, rel=1e-9)
    below, above = (NoiseLoop(of(st.SGD(limit * f, 1, momentum)), curvature, 0.25) for f in (1 - 1e-6, 1 + 1e-6))
    assert below.contracts
    assert below.critical_share > 0.25 > above.critical_share
    found = below.solve(curvature.gram)
    assert np.linalg.eigvalsh(found.noise)[0] > 0
    for source in (curvature.gram, np.zeros((d, d))):
        with pytest.raises(StabilityError, match=r"shares below 0\.2"):
            above.solve(source)


def test_plain_sgd_is_the_equation_of_its_second_moment():
    """S - (1 - eta H) S (1 - eta H) - eta^2 p spread(S) = eta^2 p C, term by term."""
    eta, p = 0.1, 0.5
    loop = NoiseLoop(of(st.SGD(eta, 2)), CURVATURE, p)
    S, A = loop.solve(p * C).seen, ONE - eta * CURVATURE.hessian
    spread = np.mean([(B - CURVATURE.hessian) @ S @ (B - CURVATURE.hessian) for B in CURVATURES], axis=0)
    close(S - A @ S @ A - eta**2 * p * spread, eta**2 * p * C)
    tensor = np.einsum("nik,njl->ijkl", CURVATURES - CURVATURE.hessian, CURVATURES - CURVATURE.hessian) / 4
    same = NoiseLoop(loop.optimizer, TensorCurvature(CURVATURE.hessian, tensor), p)
    close(same.solve(p * C).seen, S)
    none = NoiseLoop(loop.optimizer, CURVATURE, 0.0).solve(C).seen
    close(none, scipy.linalg.solve_discrete_lyapunov(A, eta**2 * C, method="direct"))


@pytest.mark.parametrize("samples", [999, 1000])
@pytest.mark.parametrize("kind", ["covariance", "symmetric", "neither"])
def test_spread_of_few_and_of_many_features(kind, samples):
    """From MANY on half the products are worked out, rows with positive and with negative squares apart."""
    rng = np.random.default_rng(0)
    features, second = rng.normal(size=(samples, MANY)), rng.normal(size=(MANY, MANY))
    second = {"covariance": second @ second.T, "symmetric": second + second.T, "neither": second}[kind]
    curvature, mean = RankOneCurvature(features), features.T @ features / samples
    each = np.einsum("ni,nj->nij", features, features) - mean
    wanted = np.tensordot(each @ second, each, ([0, 2], [0, 1])) / samples
    np.testing.assert_allclose(curvature.spread(second), wanted, rtol=0, atol=1e-13 * abs(wanted).max())


def test_directions_without_features_are_left_out():
    small = RankOneCurvature(np.random.default_rng(0).normal(size=(12, 3)))
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))[0][:, :3]
    large = RankOneCurvature(small.features @ rotation.T)
    one, other = (NoiseLoop(of(st.SGD(0.2, 1, 0.5)), curvature, 0.5) for curvature in (small, large))
    assert other.contraction_rate == pytest.approx(one.contraction_rate, rel=1e-12)
    close(other.solve(rotation @ rotation.T).seen, rotation @ one.solve(np.eye(3)).seen @ rotation.T)
    with pytest.raises(DomainError, match="direction without curvature"):
        other.solve(np.eye(5))


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("momentum", [0.5, 0.9, 0.99])
def test_without_spread_squares_fall_as_the_square_of_the_mean(momentum, nesterov):
    """The gains have their pole there; of two modes only the fast one may differ between samples too."""
    one = st.Quadratic([[1.0]], [[1.0]])
    alike = st.LeastSquares([[1.0], [-1.0], [1.0]], [0.0, 1.0, 3.0])
    critical = (1 - momentum**0.5) ** 2  # of the heavy ball; there its modes are defective
    for rate in [critical, *np.geomspace(1e-4, 1.2, 30)]:
        optimizer = st.SGD(rate, 1, momentum, nesterov)
        wanted = np.abs(np.linalg.eigvals(of(optimizer).along(np.ones(1))[0])).max() ** 2
        if wanted >= 1:
            continue
        for problem in (one, alike):
            law = st.stationary_law(problem, optimizer)
            digits = 1e-7 if rate == critical else 1e-12  # the root of rounding, and rounding
            assert law.contraction_rate == pytest.approx(wanted, rel=digits)
            assert law.settling_factor == pytest.approx(wanted**0.5, rel=digits)
            assert law.mixing_time == pytest.approx(-1 / np.log(law.contraction_rate), rel=1e-12)
        slow = NoiseLoop(of(optimizer), MatrixCurvature([np.diag([1.0, a]) for a in (0.499, 0.501)]), 1.0)
        least = of(optimizer).contraction(np.array([0.5, 1.0])) ** 2
        assert slow.contraction_rate == pytest.approx(least, rel=1e-3)
        assert slow.contraction_rate >= least * (1 - 1e-7)


def test_a_curvature_that_is_negative_in_the_mean_is_named():
    problem = st.QuadraticSums([[[-1.0]], [[0.5]]], [[1.0], [0.0]])
    with pytest.raises(StabilityError, match=r"the mean curvature -0\.25"):
        _ = st.transient_law(problem, st.SGD(0.1, 1), [1.0], 3).contraction_rate


def test_what_diverges_unseen_is_refused_too():
    """The first direction is unstable, and the noise leaves it out."""
    curvature = RankOneCurvature(np.diag([2.0, 0.5, 0.5]))
    for source in (np.diag([0, 1.0, 1]), np.diag([1e-9, 1.0, 1]), np.zeros((3, 3))):
        assert np.isfinite(NoiseLoop(of(st.SGD(0.49, 1)), curvature, 1.0).solve(source).seen).all()
        with pytest.raises(StabilityError, match="second moment"):
            NoiseLoop(of(st.SGD(0.9, 1)), curvature, 1.0).solve(source)
    with pytest.raises(StabilityError, match="mean of the parameters"):
        NoiseLoop(of(st.SGD(4.0, 1)), curvature, 1.0).solve(np.eye(3))


@pytest.mark.parametrize(
    "matrices", [[[[1.0, 0], [0, -1]]], [[[1.0, 0], [0, 1]], [[1, 0], [0, -1]]], [[[0.0]]]], ids=str
)
def test_curvature_that_no_learning_rate_stands(matrices):
    loop = NoiseLoop(of(st.SGD(0.1, 1)), MatrixCurvature(np.array(matrices)), 1.0)
    with pytest.raises(StabilityError, match="every learning rate"):
        _ = loop.contraction_rate


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (np.eye(3), ShapeError),
        ([[1, 2], [0, 1]], DomainError),
        (np.full((2, 2), np.nan), NonFiniteError),
        (1j * np.eye(2), DomainError),
        ([["1"]], DomainError),
    ],
)
def test_what_is_no_covariance_is_refused(source, error):
    with pytest.raises(error):
        NoiseLoop(of(st.SGD(0.1, 1)), CURVATURE, 1.0).solve(source)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: NoiseLoop(of(st.SGD(0.1, 1)), CURVATURE, 1.1),
        lambda: NoiseLoop(of(st.SGD(0.1, 1)), CURVATURE, -0.1),
        lambda: NoiseLoop(of(st.SGD(0.1, 1)), CURVATURE, np.nan),
        lambda: NoiseLoop(of(st.SGD(0.1, 1)), CURVATURE, True),
        lambda: with_average(of(st.SGD(0.1, 1)), 1.0),
        lambda: with_average(of(st.SGD(0.1, 1)), np.nan),
        lambda: with_delay(of(st.SGD(0.1, 1)), -1),
        lambda: with_delay(of(st.SGD(0.1, 1)), 1.5),
        lambda: with_weight_decay(of(st.SGD(0.1, 1)), -0.1),
        lambda: st.GaussianFeatures([[1.0]], -1),
        lambda: st.GaussianFeatures([[1.0]], np.nan),
        lambda: st.GaussianFeatures([[1.0, 2.0], [0.0, 1.0]], 1),
        lambda: st.GaussianFeatures([[1.0, 2.0], [2.0, 1.0]], 1),
        lambda: st.GaussianFeatures([[1.0, 2.0]], 1),
        lambda: st.GaussianFeatures([[1.0]], 1, minimum=[1.0, 2.0]),
        lambda: st.GaussianFeatures([[1.0]], "1"),
        lambda: st.stationary_law(st.GaussianFeatures([[1.0]], 1), st.SGD(0.1, 2, sampling="without_replacement")),
    ],
)
def test_numbers_outside_their_domain_are_refused(attempt):
    with pytest.raises((DomainError, NonFiniteError, ShapeError)):
        attempt()


def test_gaussian_features_are_a_problem():
    problem = st.GaussianFeatures([[2.0, 0.5], [0.5, 1.0]], 0.3, minimum=[1.0, -1.0])
    theta = np.array([0.25, 2.0])
    e = theta - problem.minimum
    assert problem.loss(theta) == pytest.approx(e @ problem.hessian @ e / 2, rel=1e-14)
    close(problem.gradient(theta), problem.hessian @ e)
    close(problem.noise, 0.3 * problem.hessian)
    assert loop_of(problem, st.SGD(0.1, 4)).share == 0.25
    assert "GaussianFeatures" in repr(problem)
