"""The second-moment operator against every batch in rational arithmetic, and against dense linear algebra."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
from batch_enumeration import fixed_point, floats, mapped, rationals, share

from sgdtheory.errors import DomainError, NonFiniteError, ShapeError, StabilityError
from sgdtheory.numeric.solvers.sampled_curvature import MatrixCurvature, RankOneCurvature, TensorCurvature
from sgdtheory.numeric.solvers.second_moment_operator import SecondMomentOperator

RIDGE, ETA = Fraction(1, 4), Fraction(1, 16)
SETTINGS = [(7, 2, 2, "without_replacement"), (5, 3, 2, "replacement"), (6, 3, 4, "without_replacement"),
            (7, 1, 3, "without_replacement"), (4, 3, 1, "replacement"), (5, 2, 5, "without_replacement")]  # fmt: skip


def samples(kind, n, d, seed):
    """Return the curvatures as Fractions (n, d, d), and as the library takes them."""
    rng = np.random.default_rng(seed)
    if kind == "features":
        x = rationals(rng, (n, d))
        unit = np.array([[Fraction(i == j) for j in range(d)] for i in range(d)])
        return [np.outer(row, row) + RIDGE * unit for row in x], RankOneCurvature(floats(x), float(RIDGE))
    roots = rationals(rng, (n, d, d), largest=3)
    matrices = [root @ root.T + np.diag([RIDGE] * d) for root in roots]
    plain = MatrixCurvature(np.array([floats(matrix) for matrix in matrices]))
    if kind == "matrices":
        return matrices, plain
    deviations = plain.matrices - plain.hessian
    tensor = np.einsum("nik,njl->ijkl", deviations, deviations) / n
    return matrices, TensorCurvature(plain.hessian, tensor)


@pytest.mark.parametrize("kind", ["features", "matrices", "tensor"])
@pytest.mark.parametrize(("n", "d", "m", "sampling"), SETTINGS)
def test_every_batch_in_rational_arithmetic(kind, n, d, m, sampling):
    matrices, curvature = samples(kind, n, d, seed=n + 10 * d)
    operator = SecondMomentOperator(curvature, float(ETA), float(share(n, m, sampling)))
    root = rationals(np.random.default_rng(5), (d, d))
    second = root @ root.T + np.diag([Fraction(1)] * d)
    wanted = floats(mapped(matrices, ETA, m, sampling, second))
    np.testing.assert_allclose(operator.apply(floats(second)), wanted, rtol=0, atol=1e-13 * np.abs(wanted).max())
    wanted = floats(fixed_point(matrices, ETA, m, sampling, second))
    found = operator.solve(floats(second))
    np.testing.assert_allclose(found.solution, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())
    assert found.residual < 1e-13


def test_the_enumeration_sees_a_wrong_share_and_a_missing_term():
    """What the test above would let pass is at most 1e-12; each slip moves the answer by more than 1e-4."""
    n, d, m, sampling = SETTINGS[2]
    matrices, curvature = samples("features", n, d, seed=n + 10 * d)
    unit = np.array([[Fraction(i == j) for j in range(d)] for i in range(d)])
    wanted = floats(mapped(matrices, ETA, m, sampling, unit))
    eta, H = float(ETA), curvature.hessian
    for slip in (
        SecondMomentOperator(curvature, eta, 1 / m).apply(np.eye(d)),
        SecondMomentOperator(curvature, eta, float(share(n, m, sampling))).apply(np.eye(d)) - eta**2 * H @ H,
        SecondMomentOperator(curvature, eta, 0.0).apply(np.eye(d)),
    ):
        assert np.abs(slip - wanted).max() > 1e-4


def features(d, *, n=None, condition=10.0, seed=0):
    rng = np.random.default_rng(seed)
    return RankOneCurvature(rng.normal(size=(n or 4 * d, d)) * np.geomspace(1, condition**-0.5, d))


def dense(curvature, eta, p):
    """Return T, its push and its pull as (d^2, d^2) matrices, from the samples one by one."""
    H, one = curvature.hessian, np.eye(len(curvature.hessian))
    samples = [np.outer(x, x) + curvature.ridge * one for x in curvature.features]
    mean = sum(np.kron(A, A) for A in samples) / len(samples)
    pull, push = np.kron(H, one) + np.kron(one, H), (1 - p) * np.kron(H, H) + p * mean
    return np.eye(len(pull)) - eta * pull + eta**2 * push, push, pull


@pytest.mark.parametrize(("d", "p"), [(1, 1.0), (2, 0.5), (6, 1.0), (6, 0.1), (12, 0.3)])
def test_dense_linear_algebra_agrees(d, p):
    curvature = features(d)
    _, push, pull = dense(curvature, 0.0, p)
    limit = 1 / scipy.linalg.eigh(push, pull, eigvals_only=True)[-1]
    eta = 0.7 * limit
    operator = SecondMomentOperator(curvature, eta, p)
    assert operator.mean_square_limit() == pytest.approx(limit, rel=1e-12)
    T, _, _ = dense(curvature, eta, p)
    assert operator.spectral_radius() == pytest.approx(np.abs(np.linalg.eigvalsh(T)).max(), rel=1e-13)
    Q = curvature.gram + np.ones((d, d))
    wanted = np.linalg.solve(np.eye(d * d) - T, Q.ravel()).reshape(d, d)
    np.testing.assert_allclose(operator.solve(Q).solution, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())


@pytest.mark.parametrize(("share_of_limit", "condition"), [(0.5, 10.0), (0.95, 1000.0), (1.3, 10.0)])
def test_lanczos_finds_the_radius_that_the_dense_matrix_has(share_of_limit, condition):
    """Also 1 - radius, to 1e-9 of it: power iteration stops up to 7 % away from it."""
    curvature = features(23, condition=condition)
    limit = SecondMomentOperator(curvature, 1.0, 0.5).mean_square_limit()
    eta = share_of_limit * limit
    radius = SecondMomentOperator(curvature, eta, 0.5).spectral_radius()
    wanted = np.abs(np.linalg.eigvalsh(dense(curvature, eta, 0.5)[0])).max()
    assert 1 - radius == pytest.approx(1 - wanted, rel=1e-9)


@pytest.mark.parametrize("d", [3, 25])
def test_the_radius_is_one_at_the_limit(d):
    curvature = features(d)
    limit = SecondMomentOperator(curvature, 1.0, 0.25).mean_square_limit()
    radii = [SecondMomentOperator(curvature, limit * (1 + s), 0.25).spectral_radius() for s in (-1e-6, 1e-6)]
    assert radii[0] < 1 < radii[1]
    assert radii[0] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("d", [3, 30])
def test_just_below_the_edge_it_solves_and_just_above_it_refuses(d):
    """The answer below is a covariance, and few products are needed however close the edge."""
    curvature = features(d, condition=100.0)
    limit = SecondMomentOperator(curvature, 1.0, 1.0).mean_square_limit()
    found = SecondMomentOperator(curvature, limit * (1 - 1e-6), 1.0).solve(curvature.gram)
    assert np.linalg.eigvalsh(found.solution)[0] > 0
    assert found.products < 50
    for rate in (limit * (1 + 1e-6), 1.5 * limit, 100 * limit):
        for Q in (curvature.gram, np.zeros((d, d))):
            with pytest.raises(StabilityError, match=f"below {limit:.6g}, the limit in mean square"):
                SecondMomentOperator(curvature, rate, 1.0).solve(Q)


def test_no_sampling_noise_is_the_constant_curvature():
    curvature = features(4)
    operator = SecondMomentOperator(curvature, 0.2, 0.0)
    A = np.eye(4) - 0.2 * curvature.hessian
    wanted = scipy.linalg.solve_discrete_lyapunov(A, np.eye(4), method="direct")
    np.testing.assert_allclose(operator.solve(np.eye(4)).solution, wanted, rtol=1e-12, atol=1e-13)
    assert operator.mean_square_limit() == pytest.approx(2 / np.linalg.eigvalsh(curvature.hessian)[-1], rel=1e-13)


def test_directions_without_features_are_left_out():
    """As many columns as the rank says, in any coordinates; noise elsewhere has no stationary law."""
    small = features(3, n=12)
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))[0][:, :3]
    large = RankOneCurvature(small.features @ rotation.T)
    one, other = (SecondMomentOperator(curvature, 0.3, 1.0) for curvature in (small, large))
    assert other.mean_square_limit() == pytest.approx(one.mean_square_limit(), rel=1e-12)
    assert other.spectral_radius() == pytest.approx(one.spectral_radius(), rel=1e-12)
    wanted = rotation @ one.solve(np.eye(3)).solution @ rotation.T
    np.testing.assert_allclose(other.solve(rotation @ rotation.T).solution, wanted, rtol=0, atol=1e-12)
    with pytest.raises(DomainError, match="direction without curvature"):
        other.solve(np.eye(5))


@pytest.mark.parametrize(
    "matrices", [[[[1.0, 0], [0, -1]]], [[[1.0, 0], [0, 1]], [[1, 0], [0, -1]]], [[[0.0]]]], ids=str
)
def test_curvature_that_no_learning_rate_stands(matrices):
    operator = SecondMomentOperator(MatrixCurvature(np.array(matrices)), 0.1, 1.0)
    with pytest.raises(StabilityError, match="every learning rate"):
        operator.spectral_radius()


@pytest.mark.parametrize(
    ("Q", "error"),
    [
        (np.eye(2), ShapeError),
        ([[1, 2, 0], [0, 1, 0], [0, 0, 1]], DomainError),
        (np.full((3, 3), np.nan), NonFiniteError),
        (1j * np.eye(3), DomainError),
        ([["1"]], DomainError),
    ],
)
def test_what_is_no_covariance_is_refused(Q, error):
    with pytest.raises(error):
        SecondMomentOperator(features(3), 0.1, 1.0).solve(Q)


@pytest.mark.parametrize(
    ("rate", "p"),
    [(0, 1), (-1, 1), (np.nan, 1), (np.inf, 1), (0.1, 1.1), (0.1, -0.1), (0.1, np.nan), ("0.1", 1), (0.1, True)],
)
def test_knobs_outside_their_domain_are_refused(rate, p):
    with pytest.raises((DomainError, NonFiniteError)):
        SecondMomentOperator(features(3), rate, p)


def test_what_diverges_unseen_is_refused_too():
    """The first direction is unstable, and the noise leaves it out."""
    curvature = RankOneCurvature(np.diag([2.0, 0.5, 0.5]))
    for Q in (np.diag([0, 1.0, 1]), np.diag([1e-9, 1.0, 1]), np.zeros((3, 3))):
        assert np.isfinite(SecondMomentOperator(curvature, 0.49, 1.0).solve(Q).solution).all()
        with pytest.raises(StabilityError, match=r"below 0\.5, the limit"):
            SecondMomentOperator(curvature, 0.9, 1.0).solve(Q)


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: RankOneCurvature([[np.nan]]), NonFiniteError),
        (lambda: RankOneCurvature([[1j]]), DomainError),
        (lambda: RankOneCurvature([1.0]), ShapeError),
        (lambda: RankOneCurvature([[1.0]], -1), DomainError),
        (lambda: RankOneCurvature([[1.0]], np.nan), NonFiniteError),
        (lambda: MatrixCurvature(np.ones((2, 3, 2))), ShapeError),
        (lambda: MatrixCurvature(np.eye(2)), ShapeError),
        (lambda: MatrixCurvature([[[1, 0.5], [0, 1]], [[1, 0], [0.5, 1]]]), DomainError),
        (lambda: TensorCurvature(np.eye(2), np.ones((3, 3, 3, 3))), ShapeError),
        (lambda: TensorCurvature(np.eye(2), np.full((2, 2, 2, 2), np.inf)), NonFiniteError),
    ],
)
def test_broken_curvatures_are_refused(make, error):
    with pytest.raises(error):
        make()


def test_lists_are_arrays():
    found = SecondMomentOperator(RankOneCurvature([[1], [2]]), 0.1, 1).solve([[1]])
    assert found.solution[0, 0] == pytest.approx(1 / (1 - 0.585))
