"""Tail indices and the fourth moment, against enumeration, quadrature and exact moments."""

from itertools import combinations, pairwise, product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as some
from scipy.integrate import quad
from scipy.stats import chi2

import sgdtheory as st
from sgdtheory.errors import DomainError, StabilityError
from sgdtheory.numeric.moments.linear_optimizer import of
from sgdtheory.numeric.solvers.sampled_curvature import GaussianCurvature
from sgdtheory.numeric.stability.draws import Batches
from sgdtheory.numeric.stability.fourth_moment import batch_factors, fourth_moment_radius
from sgdtheory.numeric.stability.isotropic import IsotropicStep
from sgdtheory.numeric.stability.moment_growth import Populations, moment_growth
from sgdtheory.numeric.stability.moments_exist import fourth_moment_exists, tail_of
from sgdtheory.numeric.stability.scalar_batches import Atoms, batch_atoms, first_growth, mean_logarithm


def line(h, noise=1.0):
    h = np.asarray(h, dtype=float)
    return st.QuadraticSums(h[:, None, None], noise * np.linspace(-1, 1, len(h))[:, None])


@pytest.mark.parametrize(("m", "sampling"), [(1, "replacement"), (3, "replacement"), (2, "without_replacement")])
def test_index_of_one_parameter_solves_its_equation(m, sampling):
    h = np.array([0.2, 1.0, 1.0, 4.0])
    drawn = product(h, repeat=m) if sampling == "replacement" else combinations(h, m)
    means = np.array([np.mean(batch) for batch in drawn])
    limit = st.stability_limit(line(h), m, sampling=sampling)
    for factor in (0.9, 1.0, 1.1):
        found = st.tail_index(line(h), st.SGD(factor * limit, m, sampling=sampling))
        assert found.exact
        assert np.mean(np.abs(1 - factor * limit * means) ** found.value) == pytest.approx(1, rel=1e-10)
        assert found.value > 0
        if factor == 1:
            assert found.value == pytest.approx(2, rel=1e-10)


@given(some.lists(some.floats(0.01, 5), min_size=1, max_size=5), some.integers(1, 3))
def test_atoms_are_all_batches(h, m):
    atoms = batch_atoms(np.array(h), m, "replacement")
    means = np.array([np.mean(batch) for batch in product(h, repeat=m)])
    assert atoms.weights.sum() == pytest.approx(1, rel=1e-12)
    for power in (1, 2, 3):
        assert atoms.weights @ atoms.values**power == pytest.approx((means**power).mean(), rel=1e-9)


def test_first_growth_steps_over_no_narrow_window():
    """Growth between the first two singularities only: a search by doubling would miss it."""
    atoms = Atoms(np.array([0.1, 1.9]), np.array([0.5, 0.5]))
    assert mean_logarithm(atoms, 10.2) < 0 < mean_logarithm(atoms, 5.0)
    assert first_growth(atoms, 1.0) == pytest.approx(1.1189432242, rel=1e-9)
    assert first_growth(atoms, 9.6) == pytest.approx((2 / 0.19), rel=1e-9)


@pytest.mark.parametrize(("scale", "m"), [(1.0, 1), (0.6, 2), (1.9, 64)])
def test_growth_of_one_gaussian_feature_by_another_quadrature(scale, m):
    corner = m / scale

    def log(x):
        return np.log(abs(1 - x / corner)) * chi2.pdf(x, m)

    ends = (0, corner, corner + 5, corner + 500)
    wanted = sum(quad(log, low, high, limit=500, epsabs=1e-13)[0] for low, high in pairwise(ends))
    assert IsotropicStep(scale, 1, m).growth() == pytest.approx(wanted, abs=1e-10)


@pytest.mark.parametrize(("d", "m"), [(2, 1), (3, 4), (40, 2)])
def test_moments_of_isotropic_features(d, m):
    """E |(1 - c W) u|^2 and its fourth power, W being a Wishart matrix, by moments of chi^2."""
    c = 0.3 / m
    X, Y = [np.prod([m + 2 * k for k in range(p)]) for p in range(5)], [1, d - 1, (d - 1) * (d + 1)]
    square = 1 - 2 * c * X[1] + c**2 * (X[2] + X[1] * Y[1])
    fourth = (1 - 4 * c * X[1] + 6 * c**2 * X[2] - 4 * c**3 * X[3] + c**4 * X[4]) + c**4 * X[2] * Y[2]
    fourth += 2 * c**2 * Y[1] * (X[1] - 2 * c * X[2] + c**2 * X[3])
    step = IsotropicStep(0.3, d, m)
    assert step.log_moment(2) == pytest.approx(np.log(square), abs=1e-9)
    assert step.log_moment(4) == pytest.approx(np.log(fourth), abs=1e-9)
    assert st.tail_index(st.GaussianFeatures(np.eye(d), 1.0), st.SGD(2 * m / (d + m + 1), m)).value == pytest.approx(
        2, abs=1e-7
    )


@pytest.mark.parametrize(("m", "sampling"), [(1, "replacement"), (2, "replacement"), (3, "without_replacement")])
@pytest.mark.parametrize("momentum", [0.0, 0.5])
def test_fourth_moment_against_every_batch(m, sampling, momentum):
    n, d = 5, 2
    roots = np.random.default_rng(1).standard_normal((n, d, d))
    A = roots @ roots.swapaxes(1, 2)
    H = A.mean(axis=0)
    linear = of(st.SGD(0.15, m, momentum=momentum))
    drawn = list(product(range(n), repeat=m) if sampling == "replacement" else combinations(range(n), m))

    def step(batch):
        pull = np.kron(np.outer(linear.drive, linear.look), A[list(batch)].mean(axis=0))
        return np.kron(linear.transition, np.eye(d)) + pull

    whole = sum(np.kron(np.kron(M, M), np.kron(M, M)) for M in map(step, drawn)) / len(drawn)
    wanted = np.abs(np.linalg.eigvals(whole)).max()
    factors = batch_factors(m, n, sampling)
    assert fourth_moment_radius(A - H, np.full(n, 1 / n), H, linear, factors) == pytest.approx(wanted, rel=1e-10)
    problem = st.QuadraticSums(A, roots[:, 0])
    optimizer = st.SGD(0.15, m, momentum=momentum, sampling=sampling)
    assert fourth_moment_exists(problem, optimizer) == (wanted < 1)


def test_fourth_moment_of_gaussian_features():
    stream = st.GaussianFeatures([[1.0]], 1.0)
    edge = min(root.real for root in np.roots([105, -4 * 15, 6 * 3, -4]) if abs(root.imag) < 1e-9 and root.real > 0)
    assert [fourth_moment_exists(stream, st.SGD(edge * factor, 1)) for factor in (0.999, 1.001)] == [True, False]
    nearly = st.GaussianFeatures(np.diag([1.0, 1.0 + 1e-7]), 1.0)  # not isotropic: by quadrature over features
    for rate in (0.33, 0.34):
        exact = fourth_moment_exists(st.GaussianFeatures(np.eye(2), 1.0), st.SGD(rate, 1))
        assert fourth_moment_exists(nearly, st.SGD(rate, 1)) == exact
    assert fourth_moment_exists(st.GaussianFeatures(np.diag(np.arange(1.0, 9)), 1.0), st.SGD(1e-3, 1)) is None
    assert fourth_moment_exists(st.GaussianFeatures(np.diag(np.arange(1.0, 9)), 1.0), st.SGD(0.24, 1)) is False
    assert fourth_moment_exists(st.Quadratic([[1.0]], [[1.0]]), st.SGD(0.1, 1)) is True
    assert fourth_moment_exists(line([0.5, 1.0]), st.SGD(0.1, 1, sampling="reshuffle")) is None


def test_steps_that_never_expand_have_all_moments():
    X = np.random.default_rng(0).standard_normal((30, 8))
    problem = st.LeastSquares(X, X[:, 0] + 1)
    edge = 2 / (X**2).sum(axis=1).max()
    assert st.tail_index(problem, st.SGD(0.99 * edge, 1)).value == np.inf
    assert fourth_moment_exists(problem, st.SGD(0.99 * edge, 1)) is True
    assert st.tail_index(st.Quadratic([[1.0]], [[1.0]]), st.SGD(0.1, 1)).value == np.inf


def test_simulated_growth_of_a_moment():
    """Not isotropic, by the exact rates of the second moment; five standard errors are passed once in 1.7 million."""
    curvature = GaussianCurvature(np.diag([1.0, 2.0]))
    batches, linear = Batches(curvature, 2), of(st.SGD(0.45, 2))
    found, error = moment_growth(batches, 2, linear, 2.0, 0, Populations(8, 500, 40, 200))
    H = curvature.covariance
    T = np.array(
        [
            ((np.eye(2) - 0.45 * H) @ S @ (np.eye(2) - 0.45 * H) + 0.45**2 / 2 * curvature.spread(S)).ravel()
            for S in np.eye(4).reshape(4, 2, 2)
        ]
    )
    assert abs(found - np.log(np.abs(np.linalg.eigvals(T)).max())) < 5 * error
    assert error < 0.005


def test_simulated_index_is_that_of_the_equation():
    """A second, calm parameter keeps the closed form away; its steps do not touch the first. Errors below 5 %."""
    h = np.array([0.2, 1.0, 4.0])
    wanted = st.tail_index(line(h), st.SGD(0.56, 1)).value
    A = np.array([np.diag([value, 0.5]) for value in h])
    problem = st.QuadraticSums(A, np.ones((3, 2)))
    found = tail_of(problem, st.SGD(0.56, 1), 0, Populations(8, 150, 40, 160))
    assert abs(found.index - wanted) < 5 * found.standard_error < 0.25 * wanted
    assert type(found.index) is type(found.standard_error) is float


def test_index_of_a_problem_without_noise_is_the_exponent_of_escape():
    """Factors 1/2, 1/2 and -2: a walk on powers of two, up with chance 1/3, so from 2^-k the share 2^-k reaches 1."""
    rate, h = 0.75, np.array([2 / 3, 2 / 3, 4.0])
    found = st.tail_index(line(h, noise=0.0), st.SGD(rate, 1))
    assert found.value == pytest.approx(1.0, rel=1e-9)
    assert found == st.tail_index(line(h), st.SGD(rate, 1))


def test_beyond_the_almost_sure_limit_it_is_printed():
    h = (0.2, 1.0, 4.0)
    exact = st.stability_limit(line(h), 1, kind="almost_sure")
    with pytest.raises(StabilityError, match=f"almost-sure limit, {exact:.4g}"):
        st.tail_index(line(h), st.SGD(3.0, 1))
    calm = st.QuadraticSums(np.array([np.diag([value, 0.5]) for value in h]), np.ones((3, 2)))
    with pytest.raises(StabilityError, match="almost-sure limit") as caught:
        st.tail_index(calm, st.SGD(1.05 * exact, 1))
    assert float(caught.value.allowed.split()[-1]) == pytest.approx(exact, rel=0.015)  # simulated; its error is 0.2 %


def test_refusals():
    problem = line([0.2, 4.0])
    with pytest.raises(StabilityError, match="single runs grow"):
        st.tail_index(problem, st.SGD(3.0, 1))
    with pytest.raises(StabilityError, match="largest stable"):
        st.tail_index(st.Quadratic([[1.0]], [[1.0]]), st.SGD(3.0, 1))
    with pytest.raises(NotImplementedError, match="reshuffle"):
        st.tail_index(problem, st.SGD(0.1, 1, sampling="reshuffle"))
    with pytest.raises(NotImplementedError, match="symbols"):
        st.tail_index(problem, st.SGD(sp.Symbol("eta", positive=True), 1))
    with pytest.raises(DomainError, match="wrong kind"):
        st.tail_index(st.SGD(0.1, 1), problem)
