"""SGD and Langevin dynamics as samplers: lifts with two matrices, theorems in any dimension, ``posterior_step``."""

import math

import numpy as np
import pytest
import sympy as sp

import sgdtheory as st
from sgdtheory.data.builtin import load_dataset
from sgdtheory.errors import DomainError, NonFiniteError, StabilityError
from sgdtheory.numeric import recursion
from sgdtheory.numeric.gaussian_posterior import divergence, nearest_rate
from sgdtheory.posterior._points import MATCHED
from sgdtheory.processes.forms import STATIONARY, Arm, Branch, products
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import D, eta, m, tau

H = np.array([[2.0, 0.4, 0.1], [0.4, 1.0, -0.2], [0.1, -0.2, 0.5]])
C = np.array([[1.5, -0.6, 0.2], [-0.6, 2.0, 0.9], [0.2, 0.9, 1.1]])
E = np.array([[1.0, 0.3, 0.0], [0.3, 0.8, 0.1], [0.0, 0.1, 1.2]])
LANGEVIN = st.results["posterior.langevin_stationary_covariance"]


# Langevin dynamics.


def test_langevin_covariance_is_what_a_step_leaves_alone():
    knobs = {"learning_rate": 0.3, "batch_size": 4, "temperature": 0.2}
    S = st.evaluate(LANGEVIN, hessian=H, noise=C, injected_noise=E, **knobs)
    step = np.eye(3) - 0.3 * H
    np.testing.assert_allclose(step @ S @ step + 0.09 * C / 4 + 2 * 0.3 * 0.2 * E, S, rtol=1e-12)


def test_langevin_covariance_in_symbols_and_in_jax():
    jax = pytest.importorskip("jax")
    knobs = {"learning_rate": sp.Rational(3, 10), "batch_size": 4, "temperature": tau}
    matrices = [sp.Matrix([[2, 1], [1, 1]]), sp.Matrix([[3, 1], [1, 2]]), sp.Matrix([[1, 0], [0, 2]])]
    S = st.evaluate(LANGEVIN, hessian=matrices[0], noise=matrices[1], injected_noise=matrices[2], **knobs)
    step = sp.eye(2) - knobs["learning_rate"] * matrices[0]
    added = knobs["learning_rate"] ** 2 * matrices[1] / 4 + 2 * knobs["learning_rate"] * tau * matrices[2]
    assert (step * S * step + added - S).applyfunc(sp.simplify) == sp.zeros(2, 2)
    with jax.enable_x64(True):
        arrays = {"hessian": H, "noise": C, "injected_noise": E}
        numbers = {"learning_rate": 0.3, "batch_size": 4, "temperature": 0.2}
        found = st.evaluate(LANGEVIN, **{word: jax.numpy.asarray(entry) for word, entry in arrays.items()}, **numbers)
        np.testing.assert_allclose(found, st.evaluate(LANGEVIN, **arrays, **numbers), rtol=1e-12)


def test_langevin_without_noise_of_the_batch_samples_the_posterior_as_the_rate_goes_to_zero():
    """And one injected noise in one dimension stands for one more batch gradient."""
    words = {"noise": 0 * H, "injected_noise": np.eye(3), "batch_size": 1, "temperature": 1 / 50}
    small = st.evaluate(LANGEVIN, hessian=H, learning_rate=1e-9, **words)
    np.testing.assert_allclose(small, np.linalg.inv(H) / 50, rtol=1e-8)


def test_the_printed_langevin_law_in_its_own_units():
    """N = 100, S = 1, a = c = 1: N a Sigma = 1 + epsilon N^2/4 in continuous time, where 1 + epsilon N/2 is printed."""
    form = st.results["posterior.langevin_stationary_covariance_diffusion"]
    N, epsilon = 100, 1e-4
    one = np.ones((1, 1))
    words = {"hessian": one, "noise": one, "injected_noise": one, "batch_size": 1, "temperature": 1 / N}
    right, printed = (
        N * st.evaluate(form, value=value, learning_rate=epsilon * N / 2, **words)[0, 0]
        for value in (form.value, form.errata[0].printed)
    )
    assert right == pytest.approx(1 + epsilon * N**2 / 4, rel=1e-12)
    assert printed == pytest.approx(1 + epsilon * N / 2, rel=1e-12)


# Theorems in any dimension.


@pytest.mark.parametrize("place", MATCHED)
def test_the_matrix_preconditioner_gives_the_whole_posterior(place):
    """Off-diagonal entries too, by the exact recursion; those of theta = R phi."""
    (env,) = preconditioned.environments(place)
    arm = Arm(env, (Branch(place["learning_rate"], env.minimum),), STATIONARY, products(env))
    entries = recursion.expectations(preconditioned, [arm])
    second = sp.Matrix(2, 2, [sp.Rational(x.numerator, x.denominator) for x in entries])
    factor, hessian = env.model["factor"], env.model["curvature"]
    gap = place["dataset_size"] * hessian * factor * second * factor.T - sp.eye(2)
    assert max(abs(entry) for entry in gap) < sp.Rational(1, 10**50)


def test_theorem_1_for_any_hessian_and_noise():
    """The diffusion limit's divergence is least at 2 m d/(D tr C), whether or not noise and Hessian commute."""
    knobs = {"batch_size": 4, "dataset_size": 300.0}
    best = st.evaluate(
        st.results["posterior.optimal_learning_rate_diffusion"], dimension=3, noise_trace=np.trace(C), **knobs
    )

    def gap(rate):
        law = st.stationary_law(st.Quadratic(H, C), st.SGD(rate, 4), limit="diffusion")
        return divergence(300 * H, law.covariance)

    width = 1e-4 * best
    slope, bend = gap(best + width) - gap(best - width), gap(best + width) - 2 * gap(best) + gap(best - width)
    assert bend > 0
    assert abs(slope / (2 * bend)) < 1e-3  # steps of the width to the vertex


def test_the_divergence_is_that_of_the_catalogue_and_at_least_its_bound():
    form = st.results["posterior.divergence"]
    words = {"learning_rate": 0.3, "batch_size": 4, "dataset_size": 20}
    for noise, meets in ((np.diag([1.5, 2.0, 1.1]), True), (C, False)):
        values, vectors = np.linalg.eigh(H)
        turned = vectors @ noise @ vectors.T
        exact = divergence(20 * H, st.stationary_law(st.Quadratic(H, turned), st.SGD(0.3, 4)).covariance)
        bound = st.evaluate(form, hessian=H, noise=turned, **words)
        assert exact == pytest.approx(bound, rel=1e-12) if meets else exact > 1.01 * bound
    assert values[0] > 0


def two_modes(shares, correlation):
    """Return the divergence of two modes that have these shares of the posterior's variances, solved from a step."""
    noise = np.array([[1.0, correlation], [correlation, 1.0]])
    preconditioner = np.diag(2 * shares / (1 + shares))  # D = m = eta = 1, H the identity
    step = np.eye(2) - preconditioner
    S = np.linalg.solve(np.eye(4) - np.kron(step, step), (preconditioner @ noise @ preconditioner).ravel())
    np.testing.assert_allclose(np.diag(S.reshape(2, 2)), shares, rtol=1e-12)
    return divergence(np.eye(2), S.reshape(2, 2))


@pytest.mark.parametrize("correlation", [0.5, 0.75, 0.9, 0.99])
def test_the_best_diagonal_preconditioner(correlation):
    """Over a grid nothing is below the bound; past a squared correlation of one half it is met off the diagonal."""
    grid = np.exp(np.linspace(-3, 3, 61))
    least = min(two_modes(np.array([a, b]), correlation) for a in grid for b in grid)
    printed = two_modes(np.ones(2), correlation)
    assert printed == pytest.approx(-math.log(1 - correlation**2) / 2, rel=1e-10)
    if correlation**2 < 0.5:
        assert least >= printed * (1 - 1e-12)
        return
    form = st.results["posterior.diagonal_preconditioner_bound"]
    bound = st.evaluate(form, squared_noise_correlation=correlation**2)
    q = math.sqrt(1 - 1 / (2 * correlation**2))
    assert two_modes(np.array([1 + q, 1 - q]), correlation) == pytest.approx(bound, rel=1e-10)
    assert bound <= least < printed


def test_rates_in_symbols():
    value = st.results["posterior.optimal_learning_rate"].value
    (dimension,) = st.results["posterior.optimal_learning_rate"].parameters["dimension"]
    (trace,) = st.results["posterior.optimal_learning_rate"].parameters["noise_trace"]
    (curvature,) = st.results["posterior.optimal_learning_rate"].parameters["largest_curvature"]
    assert sp.limit(D * value, D, sp.oo) == 2 * m * dimension / trace
    assert sp.limit(value, trace, 0) == 2 / curvature
    assert not value.has(eta)


# posterior_step.


def regression(rows=None, **words):
    data = load_dataset("diabetes", intercept=True)
    return st.LeastSquares(data.X[:rows], data.y[:rows], **words)


def residual_variance(problem):
    residual = problem.y - problem.X @ problem.minimum
    return float(residual @ residual) / (len(problem.y) - problem.dimension)


def test_bayesian_linear_regression_on_real_data():
    """Predictive means and variances are those of the exact posterior, each batch of one sample being followed."""
    problem = regression()
    variance = residual_variance(problem)
    step = st.posterior_step(problem, noise_variance=variance)
    X, P, S = problem.X, step.preconditioner, step.covariance
    exact = variance * np.linalg.inv(X.T @ X)
    after = np.zeros_like(S)
    for x, g in zip(X, X * (X @ problem.minimum - problem.y)[:, None], strict=True):
        move, push = np.eye(len(P)) - np.outer(P @ x, x), P @ g
        after += (move @ exact @ move.T + np.outer(push, push)) / len(X)
    np.testing.assert_allclose(S, exact, rtol=1e-9)
    np.testing.assert_allclose(np.einsum("ni,ij,nj->n", X, after, X), np.einsum("ni,ij,nj->n", X, exact, X), rtol=1e-10)
    np.testing.assert_allclose(after, exact, atol=1e-11 * abs(exact).max())
    assert abs(X.T @ (X @ problem.minimum - problem.y)).max() < 1e-7  # the mean of a step is zero: predictions agree
    assert max(abs(np.linalg.eigvals(np.eye(len(P)) - P @ problem.hessian))) < 1


def test_a_ridge_is_a_prior():
    problem = regression(rows=60, ridge=0.2)
    step = st.posterior_step(problem, batch_size=3, noise_variance=1.5)
    exact = np.linalg.inv(problem.X.T @ problem.X / 1.5 + 60 * 0.2 / 1.5 * np.eye(problem.dimension))
    np.testing.assert_allclose(step.covariance, exact, rtol=1e-9)


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
def test_batches_of_two_by_enumeration(sampling):
    """Samples with curvatures of their own: over all pairs the posterior comes back after a step."""
    rng = np.random.default_rng(3)
    problem = st.LeastSquares(rng.normal(size=(7, 2)), rng.normal(size=7))
    step = st.posterior_step(problem, dataset_size=30, batch_size=2, sampling=sampling)
    P, S = step.preconditioner, step.covariance
    A = problem.X[:, :, None] * problem.X[:, None, :]
    g = problem.X * (problem.X @ problem.minimum - problem.y)[:, None]
    pairs = [(a, b) for a in range(7) for b in range(7) if sampling == "replacement" or a != b]
    after = np.zeros((2, 2))
    for a, b in pairs:
        move, push = np.eye(2) - P @ (A[a] + A[b]) / 2, P @ (g[a] + g[b]) / 2
        after += (move @ S @ move.T + np.outer(push, push)) / len(pairs)
    np.testing.assert_allclose(after, S, rtol=1e-12)
    np.testing.assert_allclose(S, np.linalg.inv(30 * problem.hessian), rtol=1e-12)


def test_the_nearest_rate_is_that_of_equal_curvatures_and_the_divergence_is_stationary_there():
    words = {"batch_size": 4, "dataset_size": 20}
    step = st.posterior_step(st.Quadratic(0.7 * np.eye(3), C), **words)
    form = st.results["posterior.optimal_learning_rate"]
    wanted = st.evaluate(form, dimension=3, largest_curvature=0.7, noise_trace=np.trace(C), **words)
    assert step.learning_rate == pytest.approx(wanted, rel=1e-6)
    uneven = st.posterior_step(st.Quadratic(H, C), **words)
    for factor in (0.99, 1.01):
        law = st.stationary_law(st.Quadratic(H, C), st.SGD(factor * uneven.learning_rate, 4))
        assert divergence(20 * H, law.covariance) > uneven.divergence
    np.testing.assert_allclose(uneven.preconditioner, 2 * np.linalg.inv(5 * C + H), rtol=1e-12)


ONE_DIMENSION = {
    "one curvature": st.Quadratic([[2.0]], [[3.0]]),
    "curvatures that differ": st.QuadraticSums([[[0.1]], [[1.9]]], [[0.3], [-0.4]]),
}


@pytest.mark.parametrize("problem", ONE_DIMENSION.values(), ids=ONE_DIMENSION)
@pytest.mark.parametrize(("batch_size", "size"), [(1, 1e6), (3, 100), (50, 10), (3000, 10), (10**7, 1), (7, 1e-4)])
def test_in_one_dimension_the_nearest_rate_gives_the_posterior_however_close_to_the_edge(
    problem, batch_size, size, monkeypatch
):
    laws = []

    def counted(*words):
        laws.append(st.stationary_law(*words))
        return laws[-1]

    monkeypatch.setattr("sgdtheory.verbs.posterior.stationary_law", counted)
    step = st.posterior_step(problem, size, batch_size)
    assert step.learning_rate == pytest.approx(step.preconditioner[0, 0], rel=1e-6)
    assert step.divergence < 1e-12
    assert len(laws) < 60


@pytest.mark.parametrize(
    ("problem", "size", "batch_size"),
    [
        (st.Quadratic(np.diag([1.0, 0.5]), np.diag([1e-10, 1.0])), 10, 1),  # of two minima that by the edge
        (st.Quadratic(np.diag([1.0, 0.5]), np.diag([1e-10, 1.0])), 20, 1),  # and the other
        (st.QuadraticSums([H, C, E, 2 * H], [[1.0, 0, 0], [0, 1, 0.5], [-1, -1, -0.5], [0, 0, 1]]), 4, 20),
    ],
)
def test_no_stable_rate_is_nearer_than_the_nearest(problem, size, batch_size):
    step = st.posterior_step(problem, size, batch_size)
    limit = st.stability_limit(problem, batch_size)
    for place in np.linspace(-12, 24, 60):
        law = st.stationary_law(problem, st.SGD(limit / (1 + math.exp(-place)), batch_size))
        assert divergence(size * problem.hessian, law.covariance) > step.divergence


def test_a_problem_without_any_finite_divergence_is_refused():
    with pytest.raises(StabilityError, match="no learning rate leaves a law"):
        nearest_rate(lambda rate: math.inf, 0.1, 1.0)


def test_what_is_exact_is_said():
    assert st.posterior_step(st.Quadratic(H, C), dataset_size=20).caveats == ()
    (caveat,) = st.posterior_step(regression(rows=50)).caveats
    assert "need not be Gaussian" in caveat


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ({}, "needs a number of samples"),
        ({"dataset_size": 0}, "dataset_size is not positive"),
        ({"dataset_size": -3.0}, "dataset_size is not positive"),
        ({"dataset_size": True}, "dataset_size"),
        ({"dataset_size": 20, "noise_variance": 0}, "noise_variance is not positive"),
        ({"dataset_size": 20, "batch_size": 0}, "batch size"),
        ({"dataset_size": 20, "sampling": "shuffled"}, "way of sampling"),
        ({"dataset_size": 20, "sampling": "without_replacement"}, "finite data set"),
    ],
)
def test_what_makes_no_posterior_is_refused(words, says):
    with pytest.raises(DomainError, match=says):
        st.posterior_step(st.Quadratic(H, C), **words)


def test_other_refusals():
    with pytest.raises(NonFiniteError, match="dataset_size"):
        st.posterior_step(st.Quadratic(H, C), dataset_size=math.nan)
    with pytest.raises(DomainError, match="vanishes along some direction"):
        st.posterior_step(st.Quadratic(H, np.diag([1.0, 1.0, 0.0])), dataset_size=20)
    with pytest.raises(DomainError, match="vanishes along some direction"):
        st.posterior_step(regression(rows=50), batch_size=50, sampling="without_replacement")
    with pytest.raises(DomainError, match="not positive definite"):
        st.posterior_step(st.Quadratic(np.diag([1.0, 0.0]), np.eye(2)), dataset_size=20)
    with pytest.raises(NotImplementedError, match="sympy numbers"):
        st.posterior_step(st.Quadratic(sp.eye(2), sp.eye(2)), dataset_size=20)
    for unknown in (m, sp.Symbol("m")):
        with pytest.raises(NotImplementedError, match="batch size in symbols"):
            st.posterior_step(st.Quadratic(H, C), 20, unknown)
    with pytest.raises(NotImplementedError, match="shuffled epochs"):
        st.posterior_step(regression(rows=50), sampling="reshuffle")
    with pytest.raises(DomainError, match="wrong kind"):
        st.posterior_step(H, 20)
