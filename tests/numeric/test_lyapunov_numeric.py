"""``solve_lyapunov`` on arrays: residuals in extended precision, 50-digit and exact answers, JAX, and refusals."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import scipy.linalg
import scipy.sparse
import sympy as sp

import sgdtheory as st
from sgdtheory.algebra.lyapunov import solve_lyapunov as exact
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError, StabilityError
from sgdtheory.numeric.solvers import lyapunov_equation

UNIT = np.finfo(float).eps / 2
FORMS = ["continuous", "discrete", "sgd"]
RATE = 0.3


def rotated(eigenvalues, seed=0):
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.normal(size=(len(eigenvalues),) * 2))[0]
    H = (rotation * eigenvalues) @ rotation.T
    return (H + H.T) / 2


def spectrum(kind, d):
    if kind == "clustered":
        return np.where(np.arange(d) % 2, 1.0, 1 + 1e-9 * np.arange(d))
    if kind == "equal":
        return np.full(d, 2.5)
    if kind.startswith("edge"):  # where SGD and the discrete equation all but diverge, in every direction or in one
        below = float(kind[4:]) * (1 + np.arange(d)) if kind != "edge of one" else np.append(1e-9, np.ones(d - 1))
        return (2 - below) / RATE
    return np.geomspace(1, 1 / float(kind), d)


KINDS = ["1e2", "1e6", "1e12", "clustered", "equal", "edge1e-6", "edge1e-11", "edge of one"]


def equation(form, H):
    """Return the matrix and the words of a form of which H is the positive definite matrix."""
    if form == "discrete":
        return np.eye(len(H)) - RATE * H, {"discrete": True}
    return H, ({"learning_rate": RATE} if form == "sgd" else {})


def left_side(form, M, S):
    """In extended precision."""
    M, S = M.astype(np.longdouble), S.astype(np.longdouble)
    if form == "discrete":
        return S - M @ S @ M
    return M @ S + S @ M - (np.longdouble(RATE) * M @ S @ M if form == "sgd" else 0)


def size(form, M):
    """Return the size of the left side without cancellation."""
    h = np.abs(np.linalg.eigvalsh(M)).max()
    return {"discrete": 1 + h**2, "sgd": 2 * h + RATE * h**2, "continuous": 2 * h}[form]


def noise(d, seed=1):
    root = np.random.default_rng(seed).normal(size=(d, d))
    return root @ root.T


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("d", [1, 2, 3, 5, 10, 50, 200])
@pytest.mark.parametrize("kind", [*KINDS, "diagonal"])
def test_residuals_are_rounding(form, d, kind):
    """No more than 30 in units of d roundings, and the residual that is reported is the one that is there."""
    H = np.diag(spectrum("1e6", d)) if kind == "diagonal" else rotated(spectrum(kind, d))
    M, words = equation(form, H)
    Q = noise(d)
    found = st.solve_lyapunov(M, Q, **words)
    S = found.solution
    assert np.array_equal(S, S.T)
    left = np.abs(Q - left_side(form, M, S)).max() / (size(form, M) * np.abs(S).max())
    assert left <= 30 * d * UNIT
    assert abs(float(left) - found.residual) <= 4 * d * UNIT


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("d", [2, 5])
def test_fifty_digits_agree_to_condition_times_rounding(form, kind, d):
    H = rotated(spectrum(kind, d), seed=3)
    M, words = equation(form, H)
    Q = noise(d)
    found = st.solve_lyapunov(M, Q, **words)
    with mpmath.workdps(50):
        h, vectors = mpmath.eigsy(mpmath.matrix(M.tolist()))
        turned = vectors.T * mpmath.matrix(Q.tolist()) * vectors
        rate = mpmath.mpf(RATE)
        for i in range(d):
            for j in range(d):
                pair = {"discrete": 1 - h[i] * h[j], "sgd": h[i] + h[j] - rate * h[i] * h[j], "continuous": h[i] + h[j]}
                turned[i, j] /= pair[form]
        wanted = np.array((vectors * turned * vectors.T).tolist(), dtype=float)
    error = np.abs(found.solution - wanted).max() / np.abs(wanted).max()
    assert error <= 4 * d * found.condition * UNIT


def test_near_the_edge_each_pair_keeps_its_digits():
    """A number alone, exactly: 1 - a a by multiplication first loses nine digits."""
    for a in (1 - 1e-9, -1 + 1e-9):
        found = st.solve_lyapunov([[a]], [[1.0]], discrete=True)
        wanted = 1 / (1 - Fraction(a) ** 2)
        assert abs(Fraction(float(found.solution[0, 0])) / wanted - 1) <= 4 * UNIT
        assert found.condition == pytest.approx(1e9, rel=1e-6)
    found = st.solve_lyapunov([[1.0]], [[1.0]], learning_rate=2 - 2.0**-30)
    assert found.solution[0, 0] == 2.0**30
    assert found.condition == pytest.approx(2.0**32, rel=1e-6)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("d", [1, 2, 3])
def test_the_exact_solver_agrees(form, d):
    """Floats are rational numbers; the symbolic solver shares nothing with this one."""
    M, words = equation(form, rotated(spectrum("1e2", d), seed=7))
    rational = {word: sp.Rational(RATE) if word == "learning_rate" else value for word, value in words.items()}
    Q = noise(d)
    wanted = st.solve_lyapunov(
        *(sp.Matrix(d, d, [sp.Rational(float(x)) for x in part.ravel()]) for part in (M, Q)), **rational
    )
    assert isinstance(wanted, sp.MatrixBase)
    np.testing.assert_allclose(st.solve_lyapunov(M, Q, **words), np.array(wanted, dtype=float), rtol=1e-13)


def test_a_right_side_that_is_not_symmetric():
    H, Q = rotated(spectrum("1e2", 4)), np.arange(16.0).reshape(4, 4)
    found = st.solve_lyapunov(H, Q)
    np.testing.assert_allclose(found, scipy.linalg.solve_continuous_lyapunov(H, Q), rtol=1e-11)
    assert not np.array_equal(found.solution, found.solution.T)


def test_indefinite_matrices_are_solved_where_no_pair_cancels():
    H = rotated(np.array([1.0, -0.25, 3.0]))
    np.testing.assert_allclose(
        st.solve_lyapunov(H, np.eye(3)), scipy.linalg.solve_continuous_lyapunov(H, np.eye(3)), rtol=1e-11, atol=1e-13
    )


@pytest.mark.parametrize("d", [1, 2, 3, 8])
@pytest.mark.parametrize("form", FORMS)
def test_batches_are_their_members(d, form):
    """More than one block of them; among the 2 x 2 ones diagonal, equal and swapped entries."""
    count = 2 * lyapunov_equation._CACHED // d**2 + 5 if d == 8 else 40
    parts = [equation(form, rotated(np.random.default_rng(n).uniform(0.1, 2, d), seed=n)) for n in range(count)]
    H, words = np.array([part[0] for part in parts]), parts[0][1]
    if d == 2:
        H[0], H[1], H[2] = np.diag([0.5, 0.25]), np.eye(2) / 2, [[0.5, 0.1], [0.1, 0.5]]
    Q = np.array([noise(d, seed=n) for n in range(count)])
    found = st.solve_lyapunov(H, Q, **words)
    assert found.solution.shape == (count, d, d)
    assert found.residual.shape == found.condition.shape == (count,)
    for n in range(0, count, 1 if d < 8 else 97):
        one = st.solve_lyapunov(H[n], Q[n], **words)
        np.testing.assert_allclose(found.solution[n], one.solution, rtol=1e-12, atol=1e-13)
        assert found.condition[n] == pytest.approx(one.condition, rel=1e-12)


def test_a_large_batch_of_one_is_its_member():
    H, Q = rotated(spectrum("1e2", 220)), noise(220)
    (found,) = st.solve_lyapunov(H[None], Q).solution
    np.testing.assert_allclose(found, st.solve_lyapunov(H, Q).solution, rtol=0, atol=1e-11 * np.abs(found).max())


def test_batches_are_broadcast():
    H = np.array([rotated([1.0, 2, 3], seed=n) for n in range(4)])[:, None]
    Q = np.array([noise(3, seed=n) for n in range(5)])
    found = st.solve_lyapunov(H, Q)
    assert found.shape == (4, 5, 3, 3)
    np.testing.assert_allclose(found.solution[2, 3], st.solve_lyapunov(H[2, 0], Q[3]).solution, rtol=1e-13)
    assert st.solve_lyapunov(H[0, 0], Q).residual.shape == (5,)
    assert st.solve_lyapunov(H, Q[0]).solution.shape == (4, 1, 3, 3)
    assert st.solve_lyapunov(np.ones((0, 2, 2)), np.eye(2)).solution.shape == (0, 2, 2)


def test_one_refinement_mends_a_poor_first_solution():
    """Eigenvectors that are off by 1e-10 leave a residual of that size, and of its square after the one step."""
    H, Q = rotated(spectrum("1e2", 6))[None], noise(6)[None]
    eigenvalues, vectors = lyapunov_equation.eigensystem(H)
    equation = lyapunov_equation.Equation(None, 1, None)
    poor = vectors + 1e-9 * np.random.default_rng(0).normal(size=vectors.shape)
    found = lyapunov_equation.solved(equation, H, Q, lyapunov_equation.modes(equation, (eigenvalues, poor)))
    assert found.residual < 1e-15


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("d", [2, 7, 200])
def test_single_precision_stays_single(form, d):
    M, words = equation(form, rotated(spectrum("1e2", d)))
    M, Q = M.astype(np.float32), noise(d).astype(np.float32)
    M = (M + M.T) / 2
    for matrix in (M, np.stack([M, M])):
        found = st.solve_lyapunov(matrix, Q, **words)
        assert {np.asarray(part).dtype for part in found} == {np.dtype(np.float32)}
        wide = st.solve_lyapunov(M.astype(float), Q.astype(float), **words)
        assert wide.solution.dtype == float
        error = np.abs(found.solution - wide.solution).max() / np.abs(wide.solution).max()
        assert error <= 4 * d * wide.condition * np.finfo(np.float32).eps
    assert st.solve_lyapunov(M, Q.astype(float), **words).solution.dtype == float


def test_small_learning_rates_lose_no_digits():
    """S - A S A' = Q with A = I - eta H does: eta H is rounded to one part in 1e-16 / eta."""
    H, Q, eta = rotated(spectrum("1e2", 4)), noise(4), 1e-9
    limit = np.asarray(st.solve_lyapunov(H, Q))
    found = np.asarray(st.solve_lyapunov(H, Q, learning_rate=eta))
    first_order = eta * np.asarray(st.solve_lyapunov(H, H @ limit @ H))
    np.testing.assert_allclose(found, limit + first_order, rtol=1e-13)
    rounded = np.asarray(st.solve_lyapunov(np.eye(4) - eta * H, eta * Q, discrete=True))
    assert np.abs(rounded - found).max() > 1e-9 * np.abs(found).max()


def test_what_decides_between_exact_and_floating_point():
    half = Fraction(1, 2)
    for rows in ([[2, 1], [1, 2]], [[half, 0], [0, 3]], [[sp.Symbol("h"), 0], [0, 1]]):
        assert st.solve_lyapunov(rows, [[1, 0], [0, 1]]) == exact(rows, [[1, 0], [0, 1]])
    swapped = np.array([[2.0, 1], [1, 2]]).astype(">f8")
    for rows in (
        [[2.0, 1], [1, 2]],
        np.array([[2, 1], [1, 2]]),
        ([np.float32(2), 1], [1, 2]),
        [[Fraction(2), 1], [1.0, 2]],
        swapped,
    ):
        found = st.solve_lyapunov(rows, [[1, 0], [0, 1]])
        np.testing.assert_allclose(found, [[1 / 3, -1 / 6], [-1 / 6, 1 / 3]], rtol=1e-15)
        assert found.solution.dtype == float


def test_it_stands_for_its_solution():
    found = st.solve_lyapunov([[2.0]], [[3.0]])
    assert np.asarray(found) == found @ np.eye(1) == np.eye(1) @ found == 0.75
    solution, residual, condition = found
    assert (solution, residual, condition) == (0.75, 0, 1)


def test_a_truth_value_of_numpy_is_one():
    found = st.solve_lyapunov(0.5 * np.eye(2), np.eye(2), discrete=np.True_)
    np.testing.assert_allclose(found, np.eye(2) / 0.75, rtol=1e-15)


def test_sgd_in_symbols():
    h, q, eta = sp.symbols("h q eta", positive=True)
    assert sp.simplify(st.solve_lyapunov([[h]], [[q]], learning_rate=eta)[0] - q / (2 * h - eta * h**2)) == 0


ONE = np.eye(2)
REFUSED = [
    ("not symmetric", ([[1.0, 0.5], [0.0, 1.0]], ONE), {}, DomainError),
    ("not symmetric", ([1e30 * ONE, [[1.0, 1e-3], [0.0, 1.0]]], ONE), {}, DomainError),
    ("h_j = 0 to rounding", (np.diag([1.0, -1.0]), ONE), {}, DomainError),
    ("h_j = 0 to rounding", (rotated(np.array([3.0, 1.0, -1.0])), np.eye(3)), {}, DomainError),
    ("h_j = 0 to rounding", (np.ones((2, 2)), ONE), {}, DomainError),
    ("h_j = 0 to rounding", (0 * ONE, ONE), {}, DomainError),
    ("h_j = 0 to rounding", (np.stack([ONE, np.ones((2, 2))]), ONE), {}, DomainError),
    ("a_j = 1 to rounding", (np.diag([0.5, -1.0]), ONE), {"discrete": True}, DomainError),
    ("a_j = 1 to rounding", (np.diag([0.5, 2.0]), ONE), {"discrete": True}, DomainError),
    ("diverges", (np.diag([0.5, 1.5]), ONE), {"discrete": True}, StabilityError),
    ("diverges", (np.diag([0.5, 1.5]), ONE), {"learning_rate": 1.5}, StabilityError),
    ("learning_rate .* = 0", (np.diag([1.0, 1e-17]), ONE), {"learning_rate": 0.5}, DomainError),
    ("diverges", (np.diag([0.5, 2.0]), ONE), {"learning_rate": 1.0}, StabilityError),
    ("diverges", (np.diag([0.5, -0.1]), ONE), {"learning_rate": 0.5}, StabilityError),
    ("overflows", (1e308 * ONE, 1e308 * ONE), {}, NonFiniteError),
    ("overflows", (np.stack([ONE, 1e308 * ONE]), ONE), {}, NonFiniteError),
    ("overflows", (np.float32(3e38) * ONE.astype(np.float32), ONE.astype(np.float32)), {}, NonFiniteError),
    ("diverges", (1e200 * ONE, ONE), {"discrete": True}, StabilityError),
    ("toarray", (scipy.sparse.eye_array(2), ONE), {}, DomainError),
    ("toarray", (ONE, scipy.sparse.eye_array(2)), {}, DomainError),
    ("two different", (ONE, ONE), {"discrete": True, "learning_rate": 0.1}, DomainError),
    ("not positive", (ONE, ONE), {"learning_rate": 0}, DomainError),
    ("not positive", ([[1]], [[1]]), {"learning_rate": -1}, DomainError),
    ("not a real number", (ONE, ONE), {"learning_rate": True}, DomainError),
    ("not finite", (ONE, ONE), {"learning_rate": np.nan}, NonFiniteError),
    ("is a symbol", (ONE, ONE), {"learning_rate": sp.Symbol("eta")}, DomainError),
    ("unknown discrete", (ONE, ONE), {"discrete": 1.0}, DomainError),
    ("matrix holds a NaN", ([[np.nan, 0], [0, 1.0]], ONE), {}, NonFiniteError),
    ("right holds a NaN", (ONE, np.diag([1, np.inf])), {}, NonFiniteError),
    ("the solution holds", (1e-200 * ONE, 1e200 * ONE), {}, NonFiniteError),
    ("no array of real", (1j * ONE, ONE), {}, DomainError),
    ("no array of real", (ONE > 0, ONE), {}, DomainError),
    ("no array of real", ([[True, 0.5], [0.5, 1.0]], ONE), {}, DomainError),
    ("no array of real", (ONE.astype(np.float16), ONE), {}, DomainError),
    ("no array of real", (ONE.astype(np.longdouble), ONE), {}, DomainError),
    ("no array of real", (ONE.astype(object), ONE), {}, DomainError),
    ("masked", (np.ma.masked_array(ONE, ONE > 0), ONE), {}, DomainError),
    ("2\\*\\*53", (np.diag([1, 2**60]), ONE), {}, DomainError),
    ("matrix is not square", (np.ones((2, 3)), ONE), {}, ShapeError),
    ("matrix is not square", (np.ones(2), ONE), {}, ShapeError),
    ("matrix is not square", (np.ones((0, 0)), ONE), {}, ShapeError),
    ("do not fit", (ONE, np.eye(3)), {}, ShapeError),
    ("do not fit", (np.ones((2, 2, 2)), np.ones((3, 2, 2))), {}, ShapeError),
    ("ragged", ([[1.0, 2.0], [1.0]], ONE), {}, ShapeError),
    ("not a matrix", (ONE, sp.eye(2)), {}, DomainError),
]


@pytest.mark.parametrize(("message", "matrices", "words", "error"), REFUSED)
def test_refusals(message, matrices, words, error):
    with pytest.raises(error, match=message):
        st.solve_lyapunov(*matrices, **words)


def test_rounding_is_mended_and_a_near_zero_pair_is_solved_with_its_condition():
    H = rotated(spectrum("1e2", 5))
    H[0, 1] *= 1 + 4 * UNIT
    found = st.solve_lyapunov(H, noise(5)).solution
    assert np.array_equal(found, found.T)
    assert st.solve_lyapunov(np.diag([1.0, 1e-13]), ONE).condition == pytest.approx(1e13)


class TestJax:
    """In double precision, against the NumPy solver."""

    @pytest.fixture(autouse=True)
    def _double(self, x64):
        pass

    @pytest.mark.parametrize("form", ["discrete", "sgd"])
    def test_the_edge(self, form):
        import jax.numpy as jnp

        M, words = equation(form, rotated(spectrum("edge1e-6", 4)))
        wanted = st.solve_lyapunov(M, noise(4), **words)
        found = st.solve_lyapunov(jnp.asarray(M), jnp.asarray(noise(4)), **words)
        assert wanted.condition == pytest.approx(float(found.condition), rel=1e-8)
        error = np.abs(found.solution - wanted.solution).max() / np.abs(wanted.solution).max()
        assert error <= 4 * 4 * wanted.condition * UNIT

    @pytest.mark.parametrize("form", ["continuous", "sgd"])
    def test_values_under_jit_and_vmap(self, form):
        import jax
        import jax.numpy as jnp

        parts = [equation(form, rotated([1.0, 1.0, 2.0], seed=n)) for n in range(3)]
        H, words, Q = np.array([part[0] for part in parts]), parts[0][1], noise(3)
        wanted = st.solve_lyapunov(H, Q, **words)

        def solver(matrix, right):
            return st.solve_lyapunov(matrix, right, **words)

        jH, jQ = jnp.asarray(H), jnp.asarray(Q)
        for found in (solver(jH, jQ), jax.jit(jax.vmap(solver, (0, None)))(jH, jQ)):
            assert isinstance(found.solution, jax.Array)
            np.testing.assert_allclose(found.solution, wanted.solution, rtol=1e-13)
            np.testing.assert_allclose(found.condition, wanted.condition, rtol=1e-13)
            assert np.max(found.residual) < 30 * 3 * UNIT

    @pytest.mark.parametrize("form", ["discrete", "sgd"])
    def test_first_and_second_derivatives_at_equal_eigenvalues(self, form):
        """Central differences of step s err by s^2 and by rounding / s (or s^2): here about 1e-9 and 1e-6."""
        import jax
        import jax.numpy as jnp

        d = 3
        base, words = equation(form, np.diag([1.0, 1.0, 1.5]))
        rng = np.random.default_rng(0)
        first, second, weight = (noise(d, seed=s) / 10 for s in (1, 2, 3))
        Q = noise(d, seed=rng.integers(100))

        def value(t, solver_of=jnp):
            M = solver_of.asarray(base) + t[0] * first + t[1] * second
            return (weight * st.solve_lyapunov(M, solver_of.asarray(Q) * (1 + t[0]), **words).solution).sum()

        zero, s = jnp.zeros(2), 1e-4
        gradient, hessian = jax.grad(value)(zero), jax.jit(jax.hessian(value))(zero)

        def plain(a, b):
            return value(np.array([a, b]), np)

        differences = [(plain(s, 0) - plain(-s, 0)) / (2 * s), (plain(0, s) - plain(0, -s)) / (2 * s)]
        np.testing.assert_allclose(gradient, differences, rtol=1e-6)
        crossed = (plain(s, s) - plain(s, -s) - plain(-s, s) + plain(-s, -s)) / (4 * s**2)
        pure = [(plain(*(s * e)) - 2 * plain(0, 0) + plain(*(-s * e))) / s**2 for e in np.eye(2)]
        np.testing.assert_allclose(hessian, [[pure[0], crossed], [crossed, pure[1]]], rtol=1e-4)

    def test_the_learning_rate_has_a_derivative(self):
        import jax

        H, Q = rotated([1.0, 1.0, 2.0]), noise(3)

        def value(rate):
            return st.solve_lyapunov(H, Q, learning_rate=rate).solution[0, 1]

        wanted = (value(RATE + 1e-5) - value(RATE - 1e-5)) / 2e-5
        assert jax.grad(value)(RATE) == pytest.approx(wanted, rel=1e-7)

    def test_what_can_be_seen_is_checked_and_what_cannot_is_not_finite(self):
        import jax
        import jax.numpy as jnp

        singular = jnp.diag(jnp.array([1.0, -1.0]))
        with pytest.raises(DomainError, match="h_j = 0"):
            st.solve_lyapunov(singular, jnp.ones((2, 2)))
        with pytest.raises(DomainError, match="not symmetric"):
            st.solve_lyapunov(jnp.array([[1.0, 0.5], [0, 1]]), jnp.eye(2))
        with pytest.raises(StabilityError):
            st.solve_lyapunov(jnp.eye(2), jnp.eye(2), learning_rate=jnp.asarray(2.5))
        assert not np.isfinite(jax.jit(st.solve_lyapunov)(singular, jnp.ones((2, 2))).solution).all()


def test_jax_in_single_precision_says_so():
    import jax.numpy as jnp

    H, Q = rotated([1.0, 2.0, 3.0]), noise(3)
    found = st.solve_lyapunov(jnp.asarray(H), jnp.asarray(Q))
    assert found.solution.dtype == np.float32
    np.testing.assert_allclose(found.solution, st.solve_lyapunov(H, Q).solution, rtol=1e-5)
    with pytest.raises(DomainError, match="would lose precision"):
        st.solve_lyapunov(jnp.asarray(H), Q)
