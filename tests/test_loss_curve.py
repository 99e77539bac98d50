"""Whole loss curves against every possible run of a few steps, against stepping moment by moment, and against runs."""

import itertools
import math

import numpy as np
import pytest
import sympy as sp

import sgdtheory as st
from sgdtheory.data import load_dataset
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError
from sgdtheory.numeric.moments.loss_curves import of_problem as numerics

KNOBS = {
    "plain": {},
    "heavy ball": {"momentum": 0.8},
    "nesterov": {"momentum": 0.6, "nesterov": True},
}


def least_squares(rng, n, d, ridge=0.0):
    problem = st.LeastSquares(rng.normal(size=(n, d)), rng.normal(size=n), ridge)
    A = np.einsum("ia,ib->iab", problem.X, problem.X) + ridge * np.eye(d)
    return problem, A, problem.X * problem.y[:, None]


def sums(rng, n, d):
    A = rng.normal(size=(n, d, d))
    A = A + A.swapaxes(1, 2) + 2 * np.eye(d)  # some curvatures are negative
    b = rng.normal(size=(n, d))
    return st.QuadraticSums(A, b), A, b


def one_curvature(rng, n, d):
    A, b = sums(rng, n, d)[1:]
    return st.QuadraticSums(A[0], b), np.repeat(A[:1], n, axis=0), b


PROBLEMS = {
    "least squares": least_squares,
    "with ridge": lambda rng, n, d: least_squares(rng, n, d, ridge=0.3),
    "sums": sums,
    "one curvature": one_curvature,
}


def every_run(A, b, optimizer, start, steps, decay):
    """Return the mean excess loss and squared gradient norm of all runs, of parameters and average: (steps + 1, 4)."""
    n, m = len(A), optimizer.batch_size
    choose = itertools.product(range(n), repeat=m)
    batches = list(choose if optimizer.sampling == "replacement" else itertools.combinations(range(n), m))
    mean_A, mean_b = (np.array([x[list(batch)].mean(axis=0) for batch in batches]) for x in (A, b))
    H, lowest = A.mean(axis=0), np.linalg.solve(A.mean(axis=0), b.mean(axis=0))

    def seen(points):
        e = points - lowest
        return np.mean(np.einsum("ra,ab,rb->r", e, H, e) / 2), np.mean(((e @ H) ** 2).sum(axis=1))

    theta = np.array([start])
    velocity, average = 0 * theta, theta.copy()
    rows = [(*seen(theta), *seen(average))]
    for _ in range(steps):
        gradient = np.einsum("kab,rb->rka", mean_A, theta) - mean_b
        velocity = optimizer.momentum * velocity[:, None] + gradient
        move = gradient + optimizer.momentum * velocity if optimizer.nesterov else velocity
        theta = theta[:, None] - optimizer.learning_rate * move
        average = decay * average[:, None] + (1 - decay) * theta
        theta, velocity, average = (x.reshape(-1, x.shape[-1]) for x in (theta, velocity, average))
        rows.append((*seen(theta), *seen(average)))
    return np.array(rows)


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
@pytest.mark.parametrize("knobs", KNOBS.values(), ids=KNOBS)
@pytest.mark.parametrize("make", PROBLEMS.values(), ids=PROBLEMS)
@pytest.mark.parametrize("written_out", [True, False], ids=["squaring", "arnoldi"])
def test_every_possible_run_is_averaged(make, knobs, sampling, written_out, monkeypatch):
    if not written_out:
        monkeypatch.setattr(numerics, "WRITTEN_OUT", 0)
    rng = np.random.default_rng(5)
    problem, A, b = make(rng, 4, 2)
    start, decay = rng.normal(size=2) + 3, 0.7
    optimizer = st.SGD(0.11, 2, sampling=sampling, **knobs)
    curve = st.loss_curve(problem, optimizer, start, range(5), averaging_decay=decay)
    runs = every_run(A, b, optimizer, start, 4, decay)
    found = [curve.excess_loss, curve.gradient_norm_squared]
    found += [curve.averaged.excess_loss, curve.averaged.gradient_norm_squared]
    np.testing.assert_allclose(np.array(found).T, runs, rtol=1e-12)
    assert curve.exact
    assert not curve.caveats


def stepped(problem, A, b, optimizer, start, times, decay):
    """Return the same by stepping E[z z'] of z = (1, e, v, average) with all single samples, (T, 4).

    The mean over batches of M x M is (1 - p) times that of the mean step and p times that of single samples.
    """
    n, d = b.shape
    eta, mu, p = optimizer.learning_rate, optimizer.momentum, 1 / optimizer.batch_size
    if optimizer.sampling == "without_replacement":
        p = (n - optimizer.batch_size) / (optimizer.batch_size * (n - 1))
    lowest = np.linalg.solve(A.mean(axis=0), b.mean(axis=0))
    x, v, a = slice(1, 1 + d), slice(1 + d, 1 + 2 * d), slice(1 + 2 * d, 1 + 3 * d)

    def step(A, g):
        M, one = np.zeros((1 + 3 * d, 1 + 3 * d)), np.eye(d)
        M[0, 0] = 1
        M[v, v], M[v, x], M[v, 0] = mu * one, A, g
        if optimizer.nesterov:
            M[x] = -eta * mu * M[v]
            M[x, x] -= eta * A
            M[x, 0] -= eta * g
        else:
            M[x] = -eta * M[v]
        M[x, x] += one
        M[a] = (1 - decay) * M[x]
        M[a, a] += decay * one
        return M

    g = A @ lowest - b
    single = np.array([step(*pair) for pair in zip(A, g, strict=True)])
    H = A.mean(axis=0)
    mean = step(H, 0 * g[0])
    z = np.concatenate([[1.0], start - lowest, np.zeros(d), start - lowest])
    S, rows = np.outer(z, z), []
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(max(times) + 1):
            if t in times:
                rows.append([np.sum(W * S[part, part]) for part in (x, a) for W in (H / 2, H @ H)])
            S = (1 - p) * mean @ S @ mean.T + p * np.einsum("iab,bc,idc->ad", single, S, single, optimize=True) / n
    return np.array(rows)


TIMES = [0, 1, 2, 3, 7, 20, 55, 148, 400, 1000]


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
@pytest.mark.parametrize("knobs", KNOBS.values(), ids=KNOBS)
@pytest.mark.parametrize("rate", [0.02, 2.0], ids=["settles", "diverges"])
@pytest.mark.parametrize("limit", [10**6, 0], ids=["squaring", "arnoldi"])
def test_it_is_what_stepping_gives(limit, rate, knobs, sampling, monkeypatch):
    monkeypatch.setattr(numerics, "WRITTEN_OUT", limit)
    rng = np.random.default_rng(6)
    problem, A, b = least_squares(rng, 20, 5, ridge=0.01)
    start, optimizer = problem.minimum + rng.normal(size=5), st.SGD(rate, 2, sampling=sampling, **knobs)
    curve = st.loss_curve(problem, optimizer, start, TIMES, averaging_decay=0.9)
    expected = stepped(problem, A, b, optimizer, start, TIMES, 0.9)
    parts = [curve.excess_loss, curve.gradient_norm_squared]
    found = np.array([*parts, curve.averaged.excess_loss, curve.averaged.gradient_norm_squared]).T
    finite = np.isfinite(expected) & (expected < 1e285)
    np.testing.assert_allclose(found[finite], expected[finite], rtol=1e-10)
    assert (found[~finite] > 1e280).all()
    assert not np.isnan(found).any()
    assert finite.all() == (rate == 0.02)
    assert finite[:6].all()


def test_a_large_problem_takes_few_products():
    data = load_dataset("digits")
    problem = st.LeastSquares(data.X, data.y)
    optimizer = st.SGD(1 / (data.X**2).sum(axis=1).max(), 1)
    curve = st.loss_curve(problem, optimizer, 0 * problem.minimum, [100, 100_000])
    assert int(curve.method.split(", ")[1].split()[0]) < 1000
    h, V = problem.spectrum.eigenvalues, problem.spectrum.vectors
    F, e = problem.X @ V, V.T @ -problem.minimum
    g = F * (problem.X @ problem.minimum - problem.y)[:, None]
    C, second, mean, eta = g.T @ g / len(g), np.outer(e, e), e, optimizer.learning_rate
    for _ in range(100):
        cross = (F * (F @ mean)[:, None]).T @ g / len(g)
        seen = (F * ((F @ second) * F).sum(axis=1)[:, None]).T @ F / len(F)
        second = second - eta * (h[:, None] * second + second * h) + eta**2 * (C + cross + cross.T + seen)
        mean = mean - eta * h * mean
    np.testing.assert_allclose(curve.excess_loss[0], h @ np.diag(second) / 2, rtol=1e-11)


def test_one_curvature_keeps_its_digits_over_many_steps():
    """A slow mode, over so many steps that powers of 1 - eta h lose theirs; closed forms through expm1."""
    h, c, e, eta, t = np.array([1e-11, 0.5]), np.array([2.0, 3.0]), np.array([4.0, 5.0]), 0.1, 10**11
    curve = st.loss_curve(st.Quadratic(np.diag(h), np.diag(c)), st.SGD(eta, 4), e, [t])
    left = np.exp(2 * t * np.log1p(-eta * h))
    variance = eta * c / 4 / (h * (2 - eta * h)) * -np.expm1(2 * t * np.log1p(-eta * h))
    assert math.isclose(curve.excess_loss[0], h / 2 @ (left * e**2 + variance), rel_tol=1e-12)
    assert math.isclose(curve.gradient_norm_squared[0], h**2 @ (left * e**2 + variance), rel_tol=1e-12)


LAWS = {
    "least squares": lambda rng: least_squares(rng, 12, 4, ridge=0.1)[0],
    "sums": lambda rng: sums(rng, 12, 4)[0],
    "Gaussian features": lambda rng: st.GaussianFeatures(np.diag([1.0, 0.5, 0.2, 0.1]), 0.3),
    "quadratic": lambda rng: st.Quadratic(np.diag([1.0, 0.5, 0.2, 0.1]), np.eye(4) + 0.5),
}


@pytest.mark.parametrize("knobs", KNOBS.values(), ids=KNOBS)
@pytest.mark.parametrize("make", LAWS.values(), ids=LAWS)
def test_it_is_the_transient_law_step_by_step(make, knobs):
    """The law carries mean and covariance apart, in the pairs' gains; the curve carries second moments."""
    rng = np.random.default_rng(7)
    problem, optimizer, start, steps = make(rng), st.SGD(0.02, 3, **knobs), rng.normal(size=4), [0, 1, 10, 1000]
    curve = st.loss_curve(problem, optimizer, start, steps)
    laws = [st.transient_law(problem, optimizer, start, step) for step in steps]
    np.testing.assert_allclose(curve.excess_loss, [law.excess_loss for law in laws], rtol=1e-12)
    np.testing.assert_allclose(curve.gradient_norm_squared, [law.gradient_norm_squared for law in laws], rtol=1e-12)
    offsets = [law.mean - problem.minimum for law in laws]
    of_mean = [offset @ problem.hessian @ offset / 2 for offset in offsets]
    np.testing.assert_allclose(curve.loss_of_mean, of_mean, rtol=1e-9, atol=1e-20)


def test_a_stated_loss_is_the_same_least_squares():
    rng = np.random.default_rng(8)
    x, y = rng.normal(size=(2, 20))
    a, b, p, q = sp.symbols("a b p q", real=True)
    stated = st.from_loss((a * p + b - q) ** 2 / 2, [a, b], {(p, q): np.stack([x, y], axis=1)})
    problem = st.LeastSquares(np.stack([x, np.ones(20)], axis=1), y)
    words = {"start": [3.0, -1.0], "steps": [0, 1, 5, 200]}
    for optimizer in (st.SGD(0.1, 2), st.SGD(0.02, 2, momentum=0.9, sampling="without_replacement")):
        one, other = (st.loss_curve(each, optimizer, **words) for each in (stated, problem))
        np.testing.assert_allclose(one.excess_loss, other.excess_loss, rtol=1e-11)


def test_an_expanded_loss_says_that_it_is_one():
    w, x = sp.symbols("w x", real=True)
    problem = st.from_loss(sp.log(sp.cosh(w - x)), [w], {x: np.array([-1.0, 0.5, 2.0])})
    curve = st.loss_curve(problem, st.SGD(0.1, 1), [1.0], 10)
    assert not curve.exact
    assert "leading order in the learning rate" in str(curve)


def test_a_saddle_is_left():
    problem = st.Quadratic(np.diag([1.0, -1.0]), np.eye(2))
    curve = st.loss_curve(problem, st.SGD(0.1, 1), [1.0, 0.0], [0, 50, 10_000])
    assert curve.excess_loss[0] == 0.5
    assert curve.excess_loss[1] < -100
    assert curve.excess_loss[2] == -np.inf
    A = np.array([[[1.5]], [[-2.0]]])
    curve = st.loss_curve(st.QuadraticSums(A, np.ones((2, 1))), st.SGD(0.1, 1), [1.0], [0, 50, 10_000])
    assert -1e9 < curve.excess_loss[1] < -10
    assert curve.excess_loss[2] == -np.inf


def test_gaussian_features_in_one_dimension_by_hand():
    """E[(1 - eta x^2)^2] over the batch: 1 - 2 eta h + eta^2 h^2 (1 + 2/m), from E[x^4] = 3 h^2."""
    h, eta, m, noise = 0.7, 0.3, 3, 0.2
    factor = 1 - 2 * eta * h + (eta * h) ** 2 * (1 + 2 / m)
    second = [4.0]
    for _ in range(20):
        second.append(factor * second[-1] + eta**2 * noise * h / m)
    curve = st.loss_curve(st.GaussianFeatures([[h]], noise), st.SGD(eta, m), [2.0], 20)
    np.testing.assert_allclose(curve.excess_loss, h / 2 * np.array(second), rtol=1e-13)


def test_gaussian_features_by_quadrature():
    """Least squares on the nodes of a product rule that is exact for the fourth moments."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(4)
    weights = weights / weights.sum()
    points = np.array(list(itertools.product(nodes, nodes, [-1.0, 1.0])))
    mass = np.array([a * b / 2 for a, b, _ in itertools.product(weights, weights, [0, 1])])
    root = np.array([[1.0, 0.0], [0.6, 0.5]])
    X, residual = points[:, :2] @ root.T, 0.4 * points[:, 2]
    H, eta, m, e = root @ root.T, 0.2, 2, np.array([1.0, -2.0])
    second, losses = np.outer(e, e), []
    for _ in range(30):
        losses.append(np.sum(H * second) / 2)
        noise = np.einsum("k,k,ka,kb->ab", mass, np.einsum("ka,ab,kb->k", X, second, X) + residual**2, X, X)
        noise = noise - H @ second @ H
        second = second - eta * (H @ second + second @ H) + eta**2 * (H @ second @ H + noise / m)
    curve = st.loss_curve(st.GaussianFeatures(H, 0.16), st.SGD(eta, m), e, 29)
    np.testing.assert_allclose(curve.excess_loss, losses, rtol=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_simulated_runs_agree(momentum):
    """Largest of about 40 correlated z below 5.5: a false alarm in less than 40 * 4e-8.

    Standard errors are near 1 % of the loss, so that an error of 7 % in one place is seen.
    """
    data = load_dataset("diabetes")
    problem = st.LeastSquares(data.X, data.y - data.y.mean())
    optimizer = st.SGD(0.01 * (1 - momentum), 4, momentum=momentum, sampling="without_replacement")
    start = np.zeros(problem.dimension)
    run = st.simulate(problem, optimizer, 400, 4000, start=start, backend="numpy", seed=1, progress=False)
    curve = st.loss_curve(problem, optimizer, start, run.curve_steps)
    z = (run.curve_loss[1:] - curve.excess_loss[1:]) / run.curve_standard_error[1:]
    assert np.abs(z).max() < 5.5
    assert (run.curve_standard_error[1:] < 0.015 * curve.excess_loss[1:]).all()


def test_it_settles_on_the_stationary_law():
    problem = st.Quadratic(np.diag([2.0, 0.5]), np.array([[1.0, 0.3], [0.3, 0.4]]))
    curve = st.loss_curve(problem, st.SGD(0.3, 4), [5.0, 5.0], [10**6])
    law = st.stationary_law(problem, st.SGD(0.3, 4))
    assert math.isclose(curve.excess_loss[0], law.excess_loss, rel_tol=1e-13)


def test_steps_come_back_in_the_order_asked_for():
    problem = st.Quadratic([[1.0]], [[1.0]])
    curve = st.loss_curve(problem, st.SGD(0.1, 1), [1.0], np.array([7, 0, 7, 3]))
    assert curve.steps.tolist() == [7, 0, 7, 3]
    assert curve.excess_loss[0] == curve.excess_loss[2]
    assert curve.excess_loss[1] == 0.5
    assert st.loss_curve(problem, st.SGD(0.1, 1), [1.0], 300).steps.tolist() == list(range(301))
    long = st.loss_curve(problem, st.SGD(0.1, 1), [1.0], 10**9).steps
    assert long[0] == 0
    assert long[-1] == 10**9
    assert len(long) < 600
    assert (np.diff(long) > 0).all()


def test_it_can_be_read_and_drawn():
    problem = st.LeastSquares([[1.0], [2.0]], [1.0, 1.0])
    curve = st.loss_curve(problem, st.SGD(0.1, 1, momentum=0.5), [0.0], 1000, averaging_decay=0.9)
    text = str(curve)
    assert "left of the start" in text
    assert "excess loss of the average" in text
    assert "worked out with a map" in text
    assert "1000" in text.splitlines()[-2]
    assert "<table>" in curve._repr_html_()
    axes = curve.plot()
    assert [line.get_label() for line in axes.lines] == [
        "expected",
        "of weights averaged with decay 0.9",
        "left of the start",
    ]
    assert (axes.lines[0].get_ydata() == curve.excess_loss[1:]).all()
    assert curve.plot(axes) is axes
    with pytest.raises(DomainError, match="nothing to draw"):
        st.loss_curve(problem, st.SGD(0.1, 1), [0.0], [0]).plot()


PROBLEM, PLAIN = st.LeastSquares([[1.0, 0.0], [2.0, 1.0], [0.0, 1.0]], [1.0, 1.0, 2.0]), st.SGD(0.1, 1)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"problem": PLAIN, "optimizer": PROBLEM}, DomainError),
        ({"optimizer": "sgd"}, DomainError),
        ({"start": [1.0]}, ShapeError),
        ({"start": [1.0, float("nan")]}, NonFiniteError),
        ({"start": None}, Exception),
        ({"steps": -1}, DomainError),
        ({"steps": 1.5}, DomainError),
        ({"steps": True}, DomainError),
        ({"steps": "100"}, DomainError),
        ({"steps": []}, ShapeError),
        ({"steps": [[1, 2]]}, ShapeError),
        ({"steps": [1, 2.0]}, DomainError),
        ({"steps": [1, float("nan")]}, NonFiniteError),
        ({"steps": 10**30}, DomainError),
        ({"averaging_decay": 1.0}, DomainError),
        ({"averaging_decay": -0.1}, DomainError),
        ({"averaging_decay": True}, DomainError),
        ({"averaging_decay": float("nan")}, NonFiniteError),
        ({"limit": "diffusion"}, DomainError),
        ({"limit": "high_dimensional", "optimizer": st.SGD(0.1, 1, momentum=0.5)}, DomainError),
        ({"limit": "high_dimensional", "averaging_decay": 0.5}, DomainError),
        ({"limit": "high_dimensional", "problem": st.Quadratic(np.eye(2), np.eye(2))}, DomainError),
        ({"optimizer": st.SGD(0.1, 4, sampling="without_replacement")}, DomainError),
        ({"optimizer": st.SGD(0.1, 1, sampling="reshuffle")}, NotImplementedError),
    ],
)
def test_what_makes_no_sense_is_refused(change, error):
    words = {"problem": PROBLEM, "optimizer": PLAIN, "start": [1.0, 2.0], "steps": 10} | change
    with pytest.raises(error):
        st.loss_curve(**words)


def test_symbols_are_refused():
    h = sp.Symbol("h", positive=True)
    with pytest.raises(DomainError, match="NumPy numbers"):
        st.loss_curve(st.Quadratic(sp.Matrix([[h]]), sp.Matrix([[1]])), PLAIN, [1], 3)
    with pytest.raises(DomainError, match="NumPy numbers"):
        st.loss_curve(st.Quadratic([[1.0]], [[1.0]]), st.SGD(h, 1), [1.0], 3)
