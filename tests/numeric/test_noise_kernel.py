"""The n x n kernel of least squares against every batch, the noise loop and its own double sum."""

from fractions import Fraction

import numpy as np
import pytest
from batch_enumeration import fixed_point, floats, rationals, share

from sgdtheory.errors import DomainError, NonFiniteError, ShapeError, StabilityError
from sgdtheory.numeric.moments.largest_rate import largest_rate
from sgdtheory.numeric.moments.linear_optimizer import of
from sgdtheory.numeric.moments.noise_loop import NoiseLoop
from sgdtheory.numeric.solvers.noise_kernel import NoiseKernel
from sgdtheory.numeric.solvers.sampled_curvature import RankOneCurvature
from sgdtheory.optimizers import SGD


def data(n, d, ridge, seed=0):
    """Return features, residuals at the minimum, and the covariance of one sample's gradient there."""
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(n, d)) * np.geomspace(1, 0.1, d), rng.normal(size=n)
    theta = np.linalg.lstsq(X.T @ X / n + ridge * np.eye(d), X.T @ y / n, rcond=None)[0]
    residuals = X @ theta - y
    gradients = X * residuals[:, None] + ridge * theta
    return X, residuals, gradients.T @ gradients / n


@pytest.mark.parametrize("p", [1.0, 0.4, 0.05])
@pytest.mark.parametrize(("n", "d", "ridge"), [(9, 4, 0.0), (9, 4, 0.3), (50, 8, 0.0), (12, 30, 0.2), (3, 1, 0.0)])
def test_the_noise_loop_agrees(n, d, ridge, p):
    X, residuals, C = data(n, d, ridge)
    kernel = NoiseKernel(X, p, ridge)
    curvature = RankOneCurvature(X, ridge)
    limit = largest_rate(curvature, p)
    assert kernel.mean_square_limit() == pytest.approx(limit, rel=1e-12)
    assert kernel.spectral_radius(limit) == pytest.approx(1, rel=1e-12)
    eta = 0.6 * limit
    second = NoiseLoop(of(SGD(eta, 1)), curvature, p).solve(p * C).seen
    found = kernel.stationary(eta, residuals)
    wanted = np.einsum("ia,ab,ib->i", X, second, X)
    np.testing.assert_allclose(found.variances, wanted, rtol=0, atol=1e-12 * wanted.max())
    assert found.excess_loss == pytest.approx(np.trace(curvature.hessian @ second) / 2, rel=1e-12)


@pytest.mark.parametrize(("n", "d", "m", "sampling"), [(5, 2, 2, "without_replacement"), (4, 3, 2, "replacement")])
def test_every_batch_in_rational_arithmetic(n, d, m, sampling):
    """Residuals of zero gradient, so that the minimum is at zero; the share is that of the batches, not 1/m."""
    rng, eta = np.random.default_rng(3), Fraction(1, 8)
    x = rationals(rng, (n, d))
    null = np.linalg.svd(floats(x).T)[2][-1]  # residuals with sum r_i x_i = 0
    C = (floats(x) * null[:, None]).T @ (floats(x) * null[:, None]) / n
    exact = np.vectorize(lambda c: Fraction(float(c)), otypes=[object])((C + C.T) / 2)
    p = share(n, m, sampling)
    second = floats(fixed_point([np.outer(row, row) for row in x], eta, m, sampling, eta**2 * p * exact))
    wanted = np.einsum("ia,ab,ib->i", floats(x), second, floats(x))
    found = NoiseKernel(floats(x), float(p)).stationary(float(eta), null)
    np.testing.assert_allclose(found.variances, wanted, rtol=0, atol=1e-12 * wanted.max())
    if sampling == "without_replacement":
        slip = NoiseKernel(floats(x), 1 / m).stationary(float(eta), null)
        assert np.abs(slip.variances - wanted).max() > 1e-2 * wanted.max()


def double_sum(X, ridge, eta, p):
    """Return K by its definition, from the eigenvectors of the Hessian."""
    h, vectors = np.linalg.eigh(X.T @ X / len(X) + ridge * np.eye(X.shape[1]))
    x, g = X @ vectors, h - ridge
    D = h[:, None] + h - eta * np.outer(h, h) + eta * p * np.outer(g, g)
    return np.einsum("ia,ja,ab,ib,jb->ij", x, x, 1 / D, x, x)


@pytest.mark.parametrize(("ridge", "p"), [(0.0, 1.0), (0.0, 0.2), (0.3, 1.0), (0.3, 0.2), (0.3, 0.0)])
def test_the_matrix_is_its_double_sum(ridge, p):
    X = data(14, 6, ridge)[0]
    kernel, eta = NoiseKernel(X, p, ridge), 0.4
    wanted = double_sum(X, ridge, eta, p)
    np.testing.assert_allclose(kernel.matrix(eta), wanted, rtol=0, atol=1e-13 * wanted.max())
    assert (kernel.matrix(eta) >= 0).all()
    v = np.random.default_rng(0).normal(size=14)
    np.testing.assert_allclose(kernel.apply(eta, v), wanted @ v, rtol=0, atol=1e-13 * wanted.max())
    if ridge == 0 and p == 0.2:  # the trap: lambda_a lambda_b comes with 1 - p
        assert np.abs(double_sum(X, 0.0, eta, 0.0) - wanted).max() > 1e-2 * wanted.max()


@pytest.mark.parametrize("tolerance", [1e-4, 1e-8, 1e-14])
@pytest.mark.parametrize("ridge", [0.0, 0.02])
def test_few_terms_with_the_error_that_is_stated(tolerance, ridge):
    """The best rational approximation takes log(4 condition) log(4 / error) / pi^2; a third more and one is allowed."""
    X = np.random.default_rng(0).normal(size=(400, 200)) * np.geomspace(1, 1e-3, 200)
    kernel = NoiseKernel(X, 0.3, ridge)
    eta = 0.5 * kernel.mean_square_limit()
    factors, D = kernel.factors(eta, tolerance), kernel._divisors(eta)
    error = np.abs(factors.T @ factors - 1 / D) * np.sqrt(np.outer(D.diagonal(), D.diagonal()))
    assert error.max() <= tolerance + 1e-14
    h = kernel.modes.eigenvalues + ridge
    assert len(factors) <= 1 + 4 / 3 * np.log(4 * h.max() / h.min()) * np.log(4 / tolerance) / np.pi**2


def test_more_parameters_than_samples_cost_no_more_than_samples():
    """2,000 parameters and 40 samples, seen in the 40 directions that they span; residuals of zero stay zero."""
    X = np.random.default_rng(0).normal(size=(40, 2000)) / 40
    kernel = NoiseKernel(X, 0.1)
    r = np.linalg.qr(X.T, mode="r")
    limit = largest_rate(RankOneCurvature(r.T), 0.1)
    assert kernel.mean_square_limit() == pytest.approx(limit, rel=1e-11)
    assert not kernel.stationary(limit / 2, np.zeros(40)).variances.any()
    with pytest.raises(StabilityError, match="the limit in mean square"):
        kernel.stationary(limit * 1.001, np.zeros(40))


@pytest.mark.parametrize("factor", [1 + 1e-6, 1.2, 50.0])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_beyond_the_limit_it_refuses_and_names_it(factor, ridge):
    X, residuals, _ = data(20, 5, ridge)
    kernel = NoiseKernel(X, 0.5, ridge)
    limit = kernel.mean_square_limit()
    kernel.stationary(limit * (1 - 1e-6), residuals)
    with pytest.raises(StabilityError, match=f"below {limit:.6g}"):
        kernel.stationary(limit * factor, residuals)


@pytest.mark.parametrize(
    ("X", "p", "ridge", "error"),
    [
        ([[1.0]], 1.1, 0, DomainError),
        ([[1.0]], np.nan, 0, NonFiniteError),
        ([[1.0]], 1, -1, DomainError),
        ([[1j]], 1, 0, DomainError),
        ([1.0], 1, 0, ShapeError),
        ([[np.nan]], 1, 0, NonFiniteError),
        ([[1.0]], "1", 0, DomainError),
        ([[1.0]], 1, np.nan, NonFiniteError),
    ],
)
def test_broken_input_is_refused(X, p, ridge, error):
    with pytest.raises(error):
        NoiseKernel(X, p, ridge)


def test_what_diverges_unseen_is_refused_too():
    """Three samples of which the first alone is unstable and has no residual, so that nothing drives it."""
    kernel = NoiseKernel(np.diag([2.0, 0.5, 0.5]), 1.0)
    assert kernel.mean_square_limit() == pytest.approx(0.5)
    for residuals in ([0.0, 1.0, 1.0], [1e-9, 1.0, 1.0], np.zeros(3)):
        assert np.isfinite(kernel.stationary(0.49, residuals).excess_loss)
        with pytest.raises(StabilityError, match=r"below 0\.5, the limit"):
            kernel.stationary(0.9, residuals)


def test_features_of_zeros_are_refused():
    kernel = NoiseKernel(np.zeros((3, 2)), 1.0)
    for use in (lambda: kernel.spectral_radius(0.1), lambda: kernel.stationary(0.1, np.ones(3))):
        with pytest.raises(DomainError, match="nothing but zeros"):
            use()
    with pytest.raises(DomainError, match="nothing but zeros"):
        kernel.mean_square_limit()


def test_residuals_must_fit():
    with pytest.raises(ShapeError, match="residuals"):
        NoiseKernel([[1.0], [2.0]], 1.0).stationary(0.1, np.ones(3))
