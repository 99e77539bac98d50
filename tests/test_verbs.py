"""The verbs on NumPy arrays, against solvers that share no code with the library."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
import sympy as sp
from sympy.polys.domains import QQ
from sympy.polys.matrices import DomainMatrix

import sgdtheory as st

DIMENSIONS = (1, 2, 3, 10, 50, 200)
SPECTRA = ("random", "equal", "clustered", "ill-conditioned")


def orthogonal(d, rng):
    return np.linalg.qr(rng.normal(size=(d, d)))[0]


def problem_of(d, spectrum, seed=0):
    rng = np.random.default_rng([d, SPECTRA.index(spectrum), seed])
    eigenvalues = {
        "random": 0.2 + 1.8 * rng.random(d),
        "equal": np.full(d, 1.3),
        "clustered": np.where(np.arange(d) % 2, 0.4, 1.9),
        "ill-conditioned": np.geomspace(1e-8, 1.9, d) if d > 1 else np.array([1e-8]),
    }[spectrum]
    Q = orthogonal(d, rng)
    H = Q @ np.diag(eigenvalues) @ Q.T
    root = rng.normal(size=(d, d))
    return (H + H.T) / 2, root @ root.T / d


def norm(matrix):
    return float(np.linalg.norm(matrix, 2)) if np.ndim(matrix) == 2 else float(np.linalg.norm(matrix))


def fractions(matrix):
    return [[Fraction(float(entry)) for entry in row] for row in np.atleast_2d(matrix)]


def exact_stationary(H, C, eta, m):
    """Solve H S + S H - eta H S H = (eta/m) C in rationals, entry by entry."""
    H, C, eta, d = fractions(H), fractions(C), Fraction(eta), len(H)
    rows, right = [], []
    for i, j in itertools.product(range(d), repeat=2):
        row = [Fraction(0)] * (d * d)
        for k, n in itertools.product(range(d), repeat=2):
            row[k * d + n] += H[i][k] * (n == j) + (k == i) * H[n][j] - eta * H[i][k] * H[n][j]
        rows.append([QQ(x.numerator, x.denominator) for x in row])
        entry = eta * C[i][j] / m
        right.append([QQ(entry.numerator, entry.denominator)])
    solution = DomainMatrix(rows, (d * d, d * d), QQ).lu_solve(DomainMatrix(right, (d * d, 1), QQ)).to_list()
    return np.array([float(Fraction(int(x[0].numerator), int(x[0].denominator))) for x in solution]).reshape(d, d)


def exact_course(H, C, eta, m, offset, steps):
    """Iterate the mean and covariance of theta - theta* in rationals."""
    H, C, eta, d = fractions(H), fractions(C), Fraction(eta), len(H)
    A = [[(i == j) - eta * H[i][j] for j in range(d)] for i in range(d)]

    def times(a, b):
        return [[sum(a[i][k] * b[k][j] for k in range(len(b))) for j in range(len(b[0]))] for i in range(len(a))]

    mean, S = [[Fraction(float(x))] for x in offset], [[Fraction(0)] * d for _ in range(d)]
    for _ in range(steps):
        mean = times(A, mean)
        product = times(times(A, S), A)
        S = [[product[i][j] + eta**2 * C[i][j] / m for j in range(d)] for i in range(d)]
    loss = sum(H[i][j] * (S[i][j] + mean[i][0] * mean[j][0]) for i in range(d) for j in range(d)) / 2
    slope = times(H, mean)
    spread = times(H, times(S, H))
    norm2 = sum(spread[i][i] + slope[i][0] ** 2 for i in range(d))
    return (
        np.array([float(x[0]) for x in mean]),
        np.array([[float(x) for x in row] for row in S]),
        float(loss),
        float(norm2),
    )


# Stationary law.


@pytest.mark.parametrize("d", DIMENSIONS)
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_stationary_covariance_solves_the_exact_equation(d, spectrum):
    H, C = problem_of(d, spectrum)
    eta, m = 0.7, 8
    S = st.stationary_law(st.Quadratic(H, C), st.SGD(eta, m)).covariance
    right = eta / m * C
    residual = norm(H @ S + S @ H - eta * H @ S @ H - right)
    if spectrum == "ill-conditioned":
        # Rounding of H alone moves the right-hand side by this much, so nothing smaller can be asked.
        assert residual <= 20 * np.finfo(float).eps * (2 * norm(H) * norm(S) + norm(right))
    else:
        assert residual <= 1e-12 * norm(right)


@pytest.mark.parametrize("d", DIMENSIONS)
@pytest.mark.parametrize("spectrum", SPECTRA)
def test_stationary_covariance_is_a_covariance(d, spectrum):
    # Symmetric to rounding, so that it can be handed back in, for example as the noise of another problem.
    H, C = problem_of(d, spectrum)
    S = st.stationary_law(st.Quadratic(H, C), st.SGD(0.7, 8)).covariance
    st.Quadratic(H, S)


SCIPY = [(d, spectrum) for d in DIMENSIONS for spectrum in SPECTRA[:3] if d < 200 or spectrum == "random"]


@pytest.mark.parametrize(("d", "spectrum"), SCIPY)
def test_stationary_covariance_agrees_with_scipy(d, spectrum):
    H, C = problem_of(d, spectrum, seed=1)
    eta, m = 0.7, 8
    S = st.stationary_law(st.Quadratic(H, C), st.SGD(eta, m)).covariance
    method = "direct" if d <= 10 else "bilinear"
    wanted = scipy.linalg.solve_discrete_lyapunov(np.eye(d) - eta * H, eta**2 / m * C, method=method)
    assert norm(S - wanted) <= 1e-11 * norm(wanted)


@pytest.mark.parametrize("spectrum", SPECTRA)
def test_stationary_covariance_agrees_with_rational_arithmetic(spectrum):
    H, C = problem_of(3, spectrum, seed=2)
    eta, m = 0.7, 3
    wanted = exact_stationary(H, C, eta, m)
    S = st.stationary_law(st.Quadratic(H, C), st.SGD(eta, m)).covariance
    assert norm(S - wanted) <= 20 * np.finfo(float).eps * np.linalg.cond(H) * norm(wanted)


def test_stationary_law_near_the_stability_limit_and_at_a_tiny_rate():
    H, C = problem_of(3, "random", seed=3)
    top = np.linalg.eigvalsh(H)[-1]
    for eta in (1e-300, 1e-9, 1.0 / top, 1.999 / top):
        S = st.stationary_law(st.Quadratic(H, C), st.SGD(eta, 3)).covariance
        wanted = exact_stationary(H, C, eta, 3)
        assert norm(S / eta - wanted / eta) <= 1e-12 * norm(wanted / eta)


@pytest.mark.parametrize("d", DIMENSIONS)
def test_loss_and_gradient_norm_follow_from_the_covariance(d):
    H, C = problem_of(d, "random", seed=4)
    eta, m = 0.7, 8
    minimum = np.arange(d) / 3
    law = st.stationary_law(st.Quadratic(H, C, minimum=minimum), st.SGD(eta, m))
    S = law.covariance
    assert law.excess_loss == pytest.approx(np.trace(H @ S) / 2, rel=1e-12)
    assert law.gradient_norm_squared == pytest.approx(np.trace(H @ S @ H), rel=1e-12)
    # The trace of the exact equation: E L = (eta/4m) tr C + (eta/4) E|grad L|^2.
    assert law.excess_loss == pytest.approx(
        eta / (4 * m) * np.trace(C) + eta / 4 * law.gradient_norm_squared, rel=1e-12
    )
    np.testing.assert_array_equal(law.mean, minimum)
    assert isinstance(law.excess_loss, float)


def test_law_names_the_results_it_used():
    H, C = problem_of(3, "random", seed=5)
    problem = st.Quadratic(H, C, dataset_size=20)
    laws = [
        maker(problem, st.SGD(0.3, 4, sampling=sampling), *rest, limit=limit)
        for sampling in ("replacement", "without_replacement")
        for limit in (None, "diffusion")
        for maker, rest in ((st.stationary_law, ()), (st.transient_law, (np.ones(3), 4)))
    ]
    for law in laws:
        assert law.results
        assert all(name in st.results for name in law.results)
        finite = law.optimizer.sampling == "without_replacement"
        assert ("quadratic.batch_gradient_covariance" in law.results) is finite
        assert all(name.endswith("_diffusion") for name in law.results[finite:]) is (law.limit == "diffusion")
        assert law.exact is (law.limit is None)
    named = st.results["quadratic.stationary_covariance"]
    np.testing.assert_array_equal(
        st.evaluate(named, hessian=H, noise=C, learning_rate=0.3, batch_size=4),
        st.stationary_law(st.Quadratic(H, C), st.SGD(0.3, 4)).covariance,
    )


def test_constant_noise_says_that_it_is_approximate():
    """In NumPy the law of least squares is exact; in the diffusion limit and in symbols it is not, and says so."""
    rng = np.random.default_rng(0)
    problem = st.LeastSquares(rng.normal(size=(30, 2)), rng.normal(size=30))
    exact = st.stationary_law(problem, st.SGD(0.1, 4))
    assert exact.exact is True
    assert exact.caveats == ()
    constant = st.stationary_law(st.Quadratic(problem.hessian, problem.noise), st.SGD(0.1, 4))
    assert exact.excess_loss > 1.02 * constant.excess_loss
    limit = st.stationary_law(problem, st.SGD(0.1, 4), limit="diffusion")
    symbols = st.stationary_law(st.LeastSquares(sp.Matrix([[1], [2]]), sp.Matrix([1, 0])), st.SGD(sp.Rational(1, 9), 1))
    for law in (limit, symbols):
        assert law.exact is False
        assert any("own curvature" in note for note in law.caveats)


def test_law_prints_its_numbers():
    law = st.stationary_law(st.Quadratic([[2.0]], [[3.0]]), st.SGD(0.1, 4))
    for text in (str(law), law._repr_html_()):
        assert "0.0208333" in text
        assert "quadratic.stationary_covariance" in text
    assert "0.0208333" in law._repr_latex_()


# Diffusion limit.


@pytest.mark.parametrize(("d", "spectrum"), SCIPY)
def test_diffusion_limit_is_the_lyapunov_equation(d, spectrum):
    H, C = problem_of(d, spectrum, seed=6)
    eta, m = 0.7, 8
    law = st.stationary_law(st.Quadratic(H, C), st.SGD(eta, m), limit="diffusion")
    wanted = scipy.linalg.solve_continuous_lyapunov(H, eta / m * C)
    assert norm(law.covariance - wanted) <= 1e-11 * norm(wanted)
    assert law.excess_loss == pytest.approx(eta / (4 * m) * np.trace(C), rel=1e-12)
    assert law.gradient_norm_squared == pytest.approx(eta / (2 * m) * np.trace(H @ C), rel=1e-12)


@pytest.mark.parametrize("quantity", ["covariance", "excess_loss", "gradient_norm_squared"])
def test_diffusion_limit_is_wrong_to_second_order_in_the_rate(quantity):
    H, C = problem_of(3, "random", seed=7)
    problem = st.Quadratic(H, C)

    def gap(eta):
        pair = [
            getattr(st.stationary_law(problem, st.SGD(eta, 8), limit=limit), quantity) for limit in (None, "diffusion")
        ]
        return norm(np.atleast_2d(pair[0] - pair[1]))

    slopes = [math.log2(gap(2.0**-k) / gap(2.0 ** -(k + 1))) for k in (7, 8, 9)]
    assert abs(slopes[-1] - 2) < 0.01
    assert abs(slopes[-1] - 2) < abs(slopes[0] - 2)


@pytest.mark.parametrize("steps", [0, 1, 7, 1000])
def test_transient_diffusion_is_the_ornstein_uhlenbeck_process(steps):
    d, eta, m = 3, 0.3, 4
    H, C = problem_of(d, "random", seed=8)
    start = np.array([1.0, -2.0, 0.5])
    law = st.transient_law(st.Quadratic(H, C), st.SGD(eta, m), start, steps, limit="diffusion")
    # Van Loan: one matrix exponential gives the propagator and the covariance of dx = -eta H x dt + eta sqrt(C/m) dW.
    block = np.block([[-eta * H, eta**2 / m * C], [np.zeros((d, d)), eta * H]])
    wanted_mean = scipy.linalg.expm(-eta * H * steps) @ start
    if steps <= 7:
        big = scipy.linalg.expm(block * steps)
        wanted = big[:d, d:] @ big[:d, :d].T
    else:
        wanted = scipy.linalg.solve_continuous_lyapunov(H, eta / m * C)
    np.testing.assert_allclose(law.mean, wanted_mean, rtol=1e-11, atol=1e-12)
    assert norm(law.covariance - wanted) <= 1e-11 * norm(wanted)
    assert law.excess_loss == pytest.approx((np.trace(H @ wanted) + wanted_mean @ H @ wanted_mean) / 2, rel=1e-11)


# Transient law.

SADDLE = np.array([[1.0, 0.4], [0.4, -0.3]])


@pytest.mark.parametrize("steps", [0, 1, 2, 7, 30])
@pytest.mark.parametrize(
    ("H", "eta"),
    [
        (np.array([[2.0, 0.5], [0.5, 1.0]]), 0.25),
        (np.array([[2.0, 0.5], [0.5, 1.0]]), 0.6),  # overshoots
        (np.array([[2.0, 0.5], [0.5, 1.0]]), 1.75),  # unstable
        (np.eye(2) * 1.5, 0.25),
        (SADDLE, 0.5),
        (-np.eye(2), 0.5),  # a maximum
        (np.array([[4.0, 0.0], [0.0, 4.0]]), 0.25),  # forgets in one step
        (np.diag([1.0, 0.5, 1.75]) + 0.125, 0.5),
    ],
)
def test_transient_law_is_the_iterated_recursion(H, eta, steps):
    d = len(H)
    C = np.array([[2.0, 0.5, -0.25], [0.5, 1.0, 0.125], [-0.25, 0.125, 1.5]])[:d, :d]
    minimum, start = np.array([1.0, -0.5, 2.0])[:d], np.array([-2.0, 1.5, 1.0])[:d]
    law = st.transient_law(st.Quadratic(H, C, minimum=minimum), st.SGD(eta, 4), start, steps)
    mean, covariance, loss, norm2 = exact_course(H, C, eta, 4, start - minimum, steps)
    # Differences of large terms cancel in the loss of a saddle, so errors are relative to the terms.
    scale = norm(covariance) + norm(mean) ** 2
    np.testing.assert_allclose(law.mean - minimum, mean, rtol=0, atol=1e-12 * max(norm(mean), norm(minimum)))
    np.testing.assert_allclose(law.covariance, covariance, rtol=0, atol=1e-12 * norm(covariance))
    assert law.excess_loss == pytest.approx(loss, rel=1e-12, abs=1e-12 * scale * norm(H))
    assert law.gradient_norm_squared == pytest.approx(norm2, rel=1e-12, abs=1e-12 * scale * norm(H) ** 2)


def test_no_steps_change_nothing():
    H, C = problem_of(3, "random", seed=9)
    problem = st.Quadratic(H, C, minimum=[1.0, 2.0, 3.0])
    start = np.array([0.5, 0.25, -1.0])
    law = st.transient_law(problem, st.SGD(0.3, 4), start, 0)
    np.testing.assert_allclose(law.mean, start, rtol=1e-14)
    np.testing.assert_array_equal(law.covariance, np.zeros((3, 3)))
    assert law.excess_loss == pytest.approx(problem.loss(start), rel=1e-14)


def test_the_transient_law_ends_in_the_stationary_one():
    H, C = problem_of(10, "random", seed=10)
    problem, optimizer = st.Quadratic(H, C), st.SGD(0.5, 4)
    late, settled = st.transient_law(problem, optimizer, np.ones(10), 10**18), st.stationary_law(problem, optimizer)
    for name in ("mean", "covariance", "excess_loss", "gradient_norm_squared"):
        np.testing.assert_allclose(getattr(late, name), getattr(settled, name), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("H", "eta"), [([[4.0]], 0.5), ([[1.0, 0.0], [0.0, -2.0]], 0.5)])
def test_transient_covariance_where_the_noise_just_adds_up(H, eta):
    """Where (1 - eta l_i)(1 - eta l_j) = 1 the closed form is 0/0 and its limit is t eta^2 C_ij / m."""
    H = np.array(H)
    C = np.array([[2.0, 0.5], [0.5, 1.0]])[: len(H), : len(H)]
    law = st.transient_law(st.Quadratic(H, C), st.SGD(eta, 4), np.ones(len(H)), 3)
    _, covariance, loss, norm2 = exact_course(H, C, eta, 4, np.ones(len(H)), 3)
    np.testing.assert_allclose(law.covariance, covariance, rtol=1e-12, atol=1e-14)
    assert law.excess_loss == pytest.approx(loss, rel=1e-12)
    assert law.gradient_norm_squared == pytest.approx(norm2, rel=1e-12)


def test_transient_diffusion_where_the_noise_just_adds_up():
    C = np.array([[2.0, 0.5], [0.5, 1.0]])
    law = st.transient_law(st.Quadratic(np.diag([1.0, -1.0]), C), st.SGD(0.5, 4), np.ones(2), 3, limit="diffusion")
    assert law.covariance[0, 1] == pytest.approx(0.5**2 * 3 * 0.5 / 4, rel=1e-12)


@pytest.mark.parametrize("eta", [1e-6, 1e-9, 1e-12, 1e-20, 1e-100])
def test_transient_covariance_at_a_tiny_rate_keeps_its_digits(eta):
    H, C = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[2.0, 0.5], [0.5, 1.0]])
    law = st.transient_law(st.Quadratic(H, C), st.SGD(eta, 4), np.ones(2), 5)
    covariance = exact_course(H, C, eta, 4, np.ones(2), 5)[1]
    np.testing.assert_allclose(law.covariance / eta**2, covariance / eta**2, rtol=1e-10)


# How the batch is drawn.

TINY = np.array([[1.0, 2.0], [3.0, -1.0], [0.5, 1.0], [-2.0, 2.0], [1.0, 0.25]]), np.array([1.0, 0.0, 2.0, -1.0, 0.5])


def enumerated_noise(problem, theta, m, sampling):
    """Covariance of the batch gradient over all batches of a small data set, each equally likely."""
    gradients = problem.X * (problem.X @ theta - problem.y)[:, None] + problem.ridge * theta
    D = len(gradients)
    batches = (
        itertools.product(range(D), repeat=m) if sampling == "replacement" else itertools.combinations(range(D), m)
    )
    means = np.array([gradients[list(batch)].mean(axis=0) for batch in batches])
    return np.cov(means.T, bias=True), means


@pytest.mark.parametrize("m", [1, 2, 3, 4])
@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
@pytest.mark.parametrize("ridge", [0.0, 0.3])
def test_law_of_sampled_batches_uses_the_covariance_of_all_batches(m, sampling, ridge):
    problem = st.LeastSquares(*TINY, ridge=ridge)
    noise, means = enumerated_noise(problem, problem.minimum, m, sampling)
    np.testing.assert_allclose(means.mean(axis=0), 0, atol=1e-14)
    eta, H = 0.1, problem.hessian
    wanted = scipy.linalg.solve_discrete_lyapunov(np.eye(2) - eta * H, eta**2 * noise, method="direct")
    moments = st.Quadratic(H, problem.noise, minimum=problem.minimum, dataset_size=5)
    law = st.stationary_law(moments, st.SGD(eta, m, sampling=sampling))
    np.testing.assert_allclose(law.covariance, wanted, rtol=1e-11)
    course = st.transient_law(moments, law.optimizer, problem.minimum + 1, 3)
    A = np.eye(2) - eta * H
    S = sum(np.linalg.matrix_power(A, k) @ noise @ np.linalg.matrix_power(A, k) for k in range(3)) * eta**2
    np.testing.assert_allclose(course.covariance, S, rtol=1e-11)


def test_the_whole_data_set_has_no_noise():
    problem = st.LeastSquares(*TINY)
    law = st.stationary_law(problem, st.SGD(0.1, 5, sampling="without_replacement"))
    assert (law.covariance == 0).all()
    assert law.excess_loss == law.gradient_norm_squared == 0
    assert (st.stationary_law(problem, st.SGD(0.1, 5)).covariance != 0).any()


@pytest.mark.parametrize(
    "problem",
    [
        st.Quadratic([[2.0]], [[3.0]], dataset_size=1),
        st.LeastSquares([[2.0]], [1.0]),
        st.LeastSquares([[2.0]], [1.0], ridge=0.5),
    ],
)
def test_one_sample_has_no_noise(problem):
    law = st.stationary_law(problem, st.SGD(0.1, 1, sampling="without_replacement"))
    assert law.covariance == np.zeros((1, 1))
    assert law.excess_loss == 0


def test_huge_data_sets_do_not_overflow():
    D, m = 2**40, 2**33
    law = st.stationary_law(
        st.Quadratic([[2.0]], [[3.0]], dataset_size=D), st.SGD(0.1, m, sampling="without_replacement")
    )
    wanted = Fraction(D - m, m * (D - 1)) * 3 * Fraction(0.1) / (4 - 4 * Fraction(0.1))
    assert law.covariance[0, 0] == pytest.approx(float(wanted), rel=1e-13)


def test_a_batch_may_exceed_the_data_set_with_replacement():
    problem = st.LeastSquares(*TINY)
    few, many = (st.stationary_law(problem, st.SGD(0.1, m)).covariance for m in (4, 400))
    np.testing.assert_allclose(few / many, 100, rtol=0.15)  # not just 100, because curvature varies with the batch too
    moments = st.Quadratic(problem.hessian, problem.noise)
    few, many = (st.stationary_law(moments, st.SGD(0.1, m)).covariance for m in (4, 400))
    np.testing.assert_allclose(few, 100 * many, rtol=1e-13)


# Stability.


@pytest.mark.parametrize("d", DIMENSIONS[:-1])
def test_stability_limit_is_where_the_means_map_stops_contracting(d):
    H, C = problem_of(d, "random", seed=11)
    limit = st.stability_limit(st.Quadratic(H, C), 4)
    radius = [np.abs(np.linalg.eigvals(np.eye(d) - factor * limit * H)).max() for factor in (1 - 1e-9, 1, 1 + 1e-9)]
    assert radius[0] < 1 < radius[2]
    assert radius[1] == pytest.approx(1, abs=1e-12)
    st.stationary_law(st.Quadratic(H, C), st.SGD(limit * (1 - 1e-9), 4))


def test_a_saddle_has_no_stable_rate():
    """The mean leaves it along the negative curvature at every rate; along a flat direction it stays."""
    with pytest.raises(st.SGDTheoryError, match="eigenvalue -9"):
        st.stability_limit(st.Quadratic(np.diag([4.0, -9.0]), np.eye(2)), 1)
    assert st.stability_limit(st.Quadratic(np.diag([4.0, 0.0]), np.eye(2)), 1) == pytest.approx(0.5, rel=1e-15)


# The next step.


def exact_losses(X, y, ridge, theta, m):
    """Expected loss after one step as a parabola in the rate, from all batches with replacement, in rationals."""
    X, y, theta, ridge = (
        [[Fraction(a) for a in row] for row in X],
        [Fraction(t) for t in y],
        [Fraction(v) for v in theta],
        Fraction(ridge),
    )
    D, d = len(X), len(theta)
    gradients = [
        [x[i] * (sum(a * v for a, v in zip(x, theta, strict=True)) - t) + ridge * theta[i] for i in range(d)]
        for x, t in zip(X, y, strict=True)
    ]

    def loss(point):
        fit = sum((sum(a * v for a, v in zip(x, point, strict=True)) - t) ** 2 for x, t in zip(X, y, strict=True))
        return fit / (2 * D) + ridge * sum(v * v for v in point) / 2

    def expected(rate):
        total, count = Fraction(0), 0
        for batch in itertools.product(range(D), repeat=m):
            step = [sum(gradients[b][i] for b in batch) / m for i in range(d)]
            total += loss([v - rate * g for v, g in zip(theta, step, strict=True)])
            count += 1
        return total / count

    at0, at1, at2 = (expected(Fraction(rate)) for rate in (0, 1, 2))
    curvature = at2 - 2 * at1 + at0
    rate = -(at1 - at0 - curvature / 2) / curvature
    return rate, at0 - expected(rate), expected


@pytest.mark.parametrize("m", [1, 2, 3])
@pytest.mark.parametrize("ridge", [0.0, 0.25])
def test_optimal_step_on_least_squares_is_optimal_over_all_batches(m, ridge):
    X, y, theta = TINY[0], TINY[1], [0.5, -1.25]
    rate, decrease, expected = exact_losses(X.tolist(), y.tolist(), ridge, theta, m)
    problem = st.LeastSquares(X, y, ridge=ridge)
    step = st.optimal_step(problem, theta, batch_size=m)
    assert step.learning_rate == pytest.approx(float(rate), rel=1e-12)
    assert step.expected_decrease == pytest.approx(float(decrease), rel=1e-12)
    assert step.batch_size == m
    assert all(name in st.results for name in step.results)
    # Any other rate is worse.
    assert (
        expected(Fraction(step.learning_rate) * Fraction(1001, 1000))
        > expected(rate)
        < expected(Fraction(step.learning_rate) * Fraction(999, 1000))
    )


@pytest.mark.parametrize("cost", [(0, 1), (1, 1), (10, 1), (3.5, 0.25), (100, 1), (1e6, 1), (1e-3, 5)])
@pytest.mark.parametrize("size", [None, 7])
@pytest.mark.parametrize("theta", [[1.0, 1.0], [0.05, -0.05], [10.0, 3.0]])
def test_best_batch_size_is_that_of_a_search_over_all(cost, size, theta):
    problem = st.Quadratic([[2.0, 0.5], [0.5, 1.0]], [[3.0, 1.0], [1.0, 2.0]], dataset_size=size)
    step = st.optimal_step(problem, theta, cost=cost)
    g = problem.gradient(theta)
    g2, gHg, trHC = g @ g, g @ problem.hessian @ g, np.trace(problem.hessian @ problem.noise)
    sizes = np.arange(1, (size or 200_000) + 1)
    efficiency = g2**2 / (2 * (gHg + trHC / sizes)) / (cost[0] + cost[1] * sizes)
    assert type(step.batch_size) is int
    assert efficiency[step.batch_size - 1] >= efficiency.max() * (1 - 1e-13)
    assert sizes[np.argmax(efficiency)] < sizes[-1] or size is not None  # the search was wide enough
    assert step.learning_rate == pytest.approx(g2 / (gHg + trHC / step.batch_size), rel=1e-13)
    assert step.expected_decrease == pytest.approx(g2**2 / (2 * (gHg + trHC / step.batch_size)), rel=1e-13)


def test_at_the_minimum_there_is_nothing_to_gain():
    problem = st.Quadratic([[2.0]], [[3.0]], minimum=[1.0])
    step = st.optimal_step(problem, [1.0], batch_size=4)
    assert (step.learning_rate, step.expected_decrease, step.batch_size) == (0, 0, 4)


def test_a_loss_without_noise_wants_one_sample():
    step = st.optimal_step(st.Quadratic([[2.0]], [[0.0]]), [1.0], cost=(10, 1))
    assert step.batch_size == 1
    assert step.learning_rate == pytest.approx(0.5)  # Newton's step


# Generalization.


@pytest.mark.parametrize("d", [1, 3, 50])
def test_generalization_gap(d):
    H, C = problem_of(d, "random", seed=12)
    D = 37
    problem, optimizer = st.Quadratic(H, C, dataset_size=D), st.SGD(0.4, 5, sampling="without_replacement")
    wanted = np.trace(np.linalg.solve(H, C)) / D
    plain, noisy = st.generalization_gap(problem), st.generalization_gap(problem, optimizer)
    assert plain.gap == pytest.approx(wanted, rel=1e-12)
    assert noisy.gap == plain.gap
    assert plain.excess_test_loss == pytest.approx(wanted / 2, rel=1e-12)
    floor = st.stationary_law(problem, optimizer).excess_loss
    assert noisy.excess_test_loss - plain.excess_test_loss == pytest.approx(floor, rel=1e-10)
    assert set(plain.results) < set(noisy.results) <= set(st.results)


def test_generalization_gap_against_all_data_sets_of_a_small_law():
    """Data sets of three points from a skewed law in one dimension, enumerated in rationals."""
    law, D, h = [(Fraction(-1), Fraction(2, 3)), (Fraction(2), Fraction(1, 3))], 3, Fraction(4, 5)
    gap, batch = Fraction(0), Fraction(0)
    population = sum(p * c**2 for c, p in law)
    for drawn in itertools.product(law, repeat=D):
        chance = math.prod(p for _, p in drawn)
        mean = sum(c for c, _ in drawn) / D
        test = h / 2 * (population + mean**2)
        train = h / 2 * sum((c - mean) ** 2 for c, _ in drawn) / D
        gap += chance * (test - train)
        batch += chance * h / 2 * mean**2
    problem = st.Quadratic(float(h), float(h**2 * population), dataset_size=D)
    found = st.generalization_gap(problem)
    assert found.gap == pytest.approx(float(gap), rel=1e-14)
    assert found.excess_test_loss == pytest.approx(float(batch), rel=1e-14)


def test_symbolic_gap_of_a_least_squares_problem():
    problem = st.LeastSquares(sp.Matrix([[1], [2], [3]]), sp.Matrix([1, 0, 2]))
    found = st.generalization_gap(problem)
    assert found.gap == problem.noise[0, 0] / problem.hessian[0, 0] / 3


def test_the_next_step_without_replacement_is_that_of_all_subsets():
    """The expected loss after a step is a parabola in the rate; three rates, each averaged over every batch, fix it."""
    rng = np.random.default_rng(5)
    X, y, theta = rng.standard_normal((5, 2)), rng.standard_normal(5), np.array([1.0, -2.0])
    problem = st.LeastSquares(X, y)
    for m in (1, 2, 4, 5):
        after = []
        for rate in (0.0, 1.0, 2.0):
            losses = []
            for batch in itertools.combinations(range(5), m):
                rows = X[list(batch)]
                losses.append(problem.loss(theta - rate * rows.T @ (rows @ theta - y[list(batch)]) / m))
            after.append(np.mean(losses))
        bend = after[2] - 2 * after[1] + after[0]
        best = -(after[1] - after[0] - bend / 2) / bend
        step = st.optimal_step(problem, theta, batch_size=m, sampling="without_replacement")
        assert step.learning_rate == pytest.approx(best, rel=1e-12)
        assert step.expected_decrease == pytest.approx(bend * best**2 / 2, rel=1e-12)
    with pytest.raises(NotImplementedError, match="without replacement"):
        st.optimal_step(problem, theta, cost=(1, 1), sampling="without_replacement")


def test_what_is_approximate_about_the_gap_is_said():
    exact = st.generalization_gap(st.Quadratic(np.eye(2), np.eye(2), dataset_size=50))
    data = st.generalization_gap(st.LeastSquares(np.eye(2).repeat(5, axis=0), np.arange(10.0)))
    assert exact.caveats == ()
    assert "parameters per sample, here 0.2" in data.caveats[0]
