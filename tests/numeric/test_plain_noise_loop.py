"""The noise loop of plain SGD against every batch in rational arithmetic, and against dense linear algebra."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
from batch_enumeration import fixed_point, floats, rationals, share

from sgdtheory.errors import DomainError, NonFiniteError, ShapeError
from sgdtheory.numeric.moments.largest_rate import largest_rate
from sgdtheory.numeric.moments.linear_optimizer import of
from sgdtheory.numeric.moments.noise_loop import NoiseLoop
from sgdtheory.numeric.solvers.sampled_curvature import MatrixCurvature, RankOneCurvature, TensorCurvature
from sgdtheory.optimizers import SGD

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
    loop = NoiseLoop(of(SGD(float(ETA), 1)), curvature, float(share(n, m, sampling)))
    root = rationals(np.random.default_rng(5), (d, d))
    second = root @ root.T + np.diag([Fraction(1)] * d)
    wanted = floats(fixed_point(matrices, ETA, m, sampling, ETA**2 * second))
    found = loop.solve(floats(second))
    np.testing.assert_allclose(found.seen, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())
    assert found.residual < 1e-13


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


def radius(curvature, eta, p):
    return NoiseLoop(of(SGD(eta, 1)), curvature, p).contraction_rate


@pytest.mark.parametrize(("d", "p"), [(1, 1.0), (2, 0.5), (6, 1.0), (6, 0.1), (12, 0.3)])
def test_dense_linear_algebra_agrees(d, p):
    curvature = features(d)
    _, push, pull = dense(curvature, 0.0, p)
    limit = 1 / scipy.linalg.eigh(push, pull, eigvals_only=True)[-1]
    assert largest_rate(curvature, p) == pytest.approx(limit, rel=1e-12)
    eta = 0.7 * limit
    T, _, _ = dense(curvature, eta, p)
    assert radius(curvature, eta, p) == pytest.approx(np.abs(np.linalg.eigvalsh(T)).max(), rel=1e-12)
    Q = curvature.gram + np.ones((d, d))
    wanted = np.linalg.solve(np.eye(d * d) - T, eta**2 * Q.ravel()).reshape(d, d)
    found = NoiseLoop(of(SGD(eta, 1)), curvature, p).solve(Q)
    np.testing.assert_allclose(found.seen, wanted, rtol=0, atol=1e-12 * np.abs(wanted).max())
    assert found.products < 50


@pytest.mark.parametrize(("share_of_limit", "condition"), [(0.5, 10.0), (0.95, 1000.0), (1.3, 10.0)])
def test_lanczos_finds_the_radius_that_the_dense_matrix_has(share_of_limit, condition):
    """Also 1 - radius, to 1e-9 of it: power iteration stops up to 7 % away from it."""
    curvature = features(23, condition=condition)
    eta = share_of_limit * largest_rate(curvature, 0.5)
    wanted = np.abs(np.linalg.eigvalsh(dense(curvature, eta, 0.5)[0])).max()
    assert 1 - radius(curvature, eta, 0.5) == pytest.approx(1 - wanted, rel=1e-9)


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
