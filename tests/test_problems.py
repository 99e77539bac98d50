"""Problems: every number against NumPy's own solvers, exact differences of the loss, and rational arithmetic."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

import sgdtheory as st

RIDGES = (0.0, 0.25)


def data(seed=0, size=17, dimension=4):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(size, dimension)) @ rng.normal(size=(dimension, dimension))
    return X, X @ rng.normal(size=dimension) + rng.normal(size=size)


def differences(loss, theta):
    """Gradient and Hessian of a quadratic by central differences of width one, which are exact for a quadratic."""
    d = len(theta)
    e = np.eye(d)
    gradient = np.array([(loss(theta + e[i]) - loss(theta - e[i])) / 2 for i in range(d)])
    hessian = np.array(
        [
            [
                (
                    loss(theta + e[i] + e[j])
                    - loss(theta + e[i] - e[j])
                    - loss(theta - e[i] + e[j])
                    + loss(theta - e[i] - e[j])
                )
                / 4
                for j in range(d)
            ]
            for i in range(d)
        ]
    )
    return gradient, hessian


@pytest.mark.parametrize("ridge", RIDGES)
def test_least_squares_minimum_is_that_of_lstsq(ridge):
    X, y = data()
    D, d = X.shape
    # The penalty as d more rows of data.
    rows, targets = np.vstack([X, np.sqrt(D * ridge) * np.eye(d)]), np.concatenate([y, np.zeros(d)])
    expected = np.linalg.lstsq(rows, targets)[0]
    problem = st.LeastSquares(X, y, ridge=ridge)
    np.testing.assert_allclose(problem.minimum, expected, rtol=1e-11)
    assert np.abs(problem.gradient(problem.minimum)).max() <= 1e-13 * np.abs(problem.gradient(np.zeros(d))).max()
    assert (problem.dataset_size, problem.dimension) == (D, d)


def test_minimum_of_redundant_columns_is_the_shortest():
    X, y = data()
    X = np.column_stack([X, X[:, 0] - 2 * X[:, 1]])
    np.testing.assert_allclose(st.LeastSquares(X, y).minimum, np.linalg.lstsq(X, y)[0], rtol=1e-9)


@pytest.mark.parametrize("ridge", RIDGES)
def test_least_squares_gradient_and_hessian_are_differences_of_the_loss(ridge):
    X, y = data(1)
    problem = st.LeastSquares(X, y, ridge=ridge)
    theta = np.array([0.5, -1.0, 2.0, 0.25])
    gradient, hessian = differences(problem.loss, theta)
    np.testing.assert_allclose(problem.gradient(theta), gradient, rtol=1e-11)
    np.testing.assert_allclose(problem.hessian, hessian, rtol=1e-11, atol=1e-11 * np.abs(hessian).max())


@pytest.mark.parametrize("ridge", RIDGES)
def test_least_squares_loss_is_the_mean_of_the_samples_losses(ridge):
    X, y = data(2)
    theta = np.array([0.5, -1.0, 2.0, 0.25])
    each = [0.5 * (x @ theta - target) ** 2 + 0.5 * ridge * theta @ theta for x, target in zip(X, y, strict=True)]
    assert st.LeastSquares(X, y, ridge=ridge).loss(theta) == pytest.approx(np.mean(each), rel=1e-14)


@pytest.mark.parametrize("ridge", RIDGES)
def test_noise_is_the_covariance_of_the_samples_gradients_with_divisor_d(ridge):
    X, y = data(3)
    problem = st.LeastSquares(X, y, ridge=ridge)
    for theta in (problem.minimum, np.array([0.5, -1.0, 2.0, 0.25])):
        gradients = X * (X @ theta - y)[:, None] + ridge * theta
        expected = np.cov(gradients.T, bias=True)
        np.testing.assert_allclose(problem.noise_at(theta), expected, rtol=1e-11, atol=1e-12 * np.abs(expected).max())
    np.testing.assert_array_equal(problem.noise, problem.noise_at(problem.minimum))


def test_noise_at_the_minimum_with_a_ridge_subtracts_the_penaltys_pull():
    # At the minimum the data's gradients have mean -ridge theta*, not zero.
    X, y = data(3)
    ridge = 0.7
    problem = st.LeastSquares(X, y, ridge=ridge)
    pull = ridge * problem.minimum
    raw = X * (X @ problem.minimum - y)[:, None]
    np.testing.assert_allclose(problem.noise, raw.T @ raw / len(X) - np.outer(pull, pull), rtol=1e-10)
    assert np.abs(np.outer(pull, pull)).max() > 1e-3 * np.abs(problem.noise).max()  # the term is worth testing


def test_least_squares_of_rationals_is_exact():
    X = [[1, 2], [3, -1], [0, 1], [2, 2]]
    y = [1, 0, 2, -1]
    ridge = Fraction(1, 3)
    problem = st.LeastSquares(sp.Matrix(X), sp.Matrix(y), ridge=sp.Rational(1, 3))
    D = len(X)
    H = [[Fraction(sum(x[i] * x[j] for x in X), D) + ridge * (i == j) for j in range(2)] for i in range(2)]
    b = [Fraction(sum(x[i] * t for x, t in zip(X, y, strict=True)), D) for i in range(2)]
    det = H[0][0] * H[1][1] - H[0][1] ** 2
    minimum = [(H[1][1] * b[0] - H[0][1] * b[1]) / det, (H[0][0] * b[1] - H[0][1] * b[0]) / det]
    gradients = [
        [x[i] * (sum(a * v for a, v in zip(x, minimum, strict=True)) - t) + ridge * minimum[i] for i in range(2)]
        for x, t in zip(X, y, strict=True)
    ]
    assert [sum(g[i] for g in gradients) for i in range(2)] == [0, 0]
    noise = [[sum(g[i] * g[j] for g in gradients) / D for j in range(2)] for i in range(2)]
    assert problem.hessian == sp.Matrix(2, 2, lambda i, j: sp.Rational(H[i][j].numerator, H[i][j].denominator))
    assert problem.minimum == sp.Matrix([sp.Rational(v.numerator, v.denominator) for v in minimum])
    assert problem.noise == sp.Matrix(2, 2, lambda i, j: sp.Rational(noise[i][j].numerator, noise[i][j].denominator))
    assert problem.loss(sp.Matrix([1, 1])) == sp.Rational(
        sum((sum(x) - t) ** 2 for x, t in zip(X, y, strict=True)), 2 * D
    ) + sp.Rational(1, 3)


def test_quadratic_loss_and_gradient():
    H, C = np.array([[2.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 0.3], [0.3, 2.0]])
    problem = st.Quadratic(H, C, minimum=[1.0, -2.0], dataset_size=50)
    theta = np.array([0.25, 3.0])
    gradient, hessian = differences(problem.loss, theta)
    np.testing.assert_allclose(problem.gradient(theta), gradient, rtol=1e-12)
    np.testing.assert_allclose(hessian, H, rtol=1e-12)
    assert problem.loss([1.0, -2.0]) == 0
    assert isinstance(problem.loss(theta), float)
    np.testing.assert_array_equal(problem.noise_at(theta), C)
    assert problem.dataset_size == 50
    assert st.Quadratic(H, C).dataset_size is None
    np.testing.assert_array_equal(st.Quadratic(H, C).minimum, np.zeros(2))


def test_a_scalar_stands_for_one_dimension():
    problem = st.Quadratic(2.0, 3.0, minimum=1.0)
    assert problem.hessian.shape == problem.noise.shape == (1, 1)
    assert problem.minimum.shape == (1,)
    assert problem.loss(3.0) == 4.0
    np.testing.assert_array_equal(problem.gradient(3.0), [4.0])


@pytest.mark.parametrize(
    "change",
    [
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=0)[::2],
        lambda a: a.astype(">f8"),
        lambda a: a.astype("<f8"),
        lambda a: a.tolist(),
        lambda a: a.astype(np.longdouble),
    ],
    ids=["fortran", "strided", "big endian", "little endian", "list", "long double"],
)
def test_layout_does_not_change_a_bit(change):
    X, y = data(4)
    plain, other = st.LeastSquares(X, y), st.LeastSquares(change(X), change(y))
    for name in ("hessian", "minimum", "noise"):
        np.testing.assert_array_equal(getattr(plain, name), getattr(other, name))


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int64, np.float32])
def test_other_real_dtypes_are_converted_exactly(dtype):
    X, y = np.array([[1, 2], [3, 0], [2, 2]]), np.array([1, 5, 2])
    plain, other = st.LeastSquares(X.astype(float), y.astype(float)), st.LeastSquares(X.astype(dtype), y.astype(dtype))
    np.testing.assert_array_equal(plain.noise, other.noise)
    assert other.noise.dtype == np.float64


def test_tables_of_pandas_are_read_like_arrays():
    pandas = pytest.importorskip("pandas")
    X, y = data(4)
    problem = st.LeastSquares(pandas.DataFrame(X, columns=list("abcd")), pandas.Series(y))
    np.testing.assert_array_equal(problem.noise, st.LeastSquares(X, y).noise)


def test_inputs_are_neither_changed_nor_held():
    X, y = data(5)
    X.flags.writeable = y.flags.writeable = False  # writing would raise
    problem = st.LeastSquares(X, y)
    H, C, minimum = np.eye(2), np.eye(2), np.ones(2)
    quadratic = st.Quadratic(H, C, minimum)
    before = problem.noise.copy(), quadratic.hessian.copy()
    H[:], C[:], minimum[:] = 7.0, 7.0, 7.0
    np.testing.assert_array_equal(quadratic.hessian, before[1])
    np.testing.assert_array_equal(quadratic.noise, np.eye(2))
    np.testing.assert_array_equal(quadratic.minimum, np.ones(2))
    np.testing.assert_array_equal(problem.noise, before[0])


def test_rounding_asymmetry_is_mended():
    H = np.array([[2.0, 0.1 + 0.2], [0.3, 1.0]])  # differ in the last bit
    assert H[0, 1] != H[1, 0]
    hessian = st.Quadratic(H, np.eye(2)).hessian
    assert hessian[0, 1] == hessian[1, 0]


def test_constant_residuals_leave_no_noise():
    X = np.ones((6, 1))
    problem = st.LeastSquares(X, np.full(6, 3.0))
    assert np.abs(problem.noise).max() <= 1e-28
    assert st.LeastSquares(sp.ones(6, 1), 3 * sp.ones(6, 1)).noise == sp.zeros(1, 1)


def test_kinds_come_back_as_they_went_in():
    import jax
    import jax.numpy as jnp

    X, y = data(6)
    for problem, kind in (
        (st.LeastSquares(X, y), np.ndarray),
        (st.LeastSquares(jnp.asarray(X), jnp.asarray(y)), jax.Array),
        (st.LeastSquares(sp.Matrix([[1, 2], [3, 4]]), sp.Matrix([1, 2])), sp.MatrixBase),
        (st.Quadratic(np.eye(2), np.eye(2)), np.ndarray),
        (st.Quadratic(jnp.eye(2), jnp.eye(2)), jax.Array),
        (st.Quadratic(sp.eye(2), sp.eye(2)), sp.MatrixBase),
    ):
        assert isinstance(problem.hessian, kind)
        assert isinstance(problem.noise, kind)
        assert isinstance(problem.minimum, kind)
        assert isinstance(problem.gradient(problem.minimum), kind)


def test_integer_jax_arrays_are_accepted(x64):
    import jax.numpy as jnp

    problem = st.Quadratic(jnp.array([[2, 1], [1, 3]]), jnp.array([[2, 1], [1, 2]]))
    plain = st.Quadratic(np.array([[2, 1], [1, 3]]), np.array([[2, 1], [1, 2]]))
    found, wanted = (st.stationary_law(p, st.SGD(0.1, 4)).covariance for p in (problem, plain))
    np.testing.assert_allclose(np.asarray(found), wanted, rtol=1e-12)


def test_repr_names_what_matters():
    assert repr(st.Quadratic(np.eye(2), np.eye(2), dataset_size=7)) == "Quadratic(dimension=2, dataset_size=7)"
    X, y = data(0)
    assert "dataset_size=17" in repr(st.LeastSquares(X, y))
