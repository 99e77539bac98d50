"""The symbolic Lyapunov equations: residuals that are zero, against elimination and against SciPy."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.linalg
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

import sgdtheory
from sgdtheory.algebra.lowest_terms import common_ring
from sgdtheory.algebra.lyapunov import solve_lyapunov
from sgdtheory.algebra.operator_equation import solve_operator
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError

a, b, c, x, eta = sp.symbols("a b c x eta")


def symmetric(name, d):
    return sp.Matrix(d, d, lambda i, j: sp.Symbol(f"{name}{min(i, j) + 1}{max(i, j) + 1}"))


def generic(name, d):
    return sp.Matrix(d, d, lambda i, j: sp.Symbol(f"{name}{i + 1}{j + 1}"))


def residual(H, Q, S, discrete):
    return (S - H * S * H.T if discrete else H * S + S * H.T) - Q


def is_zero(matrix):
    """Prove it: every entry over a common denominator, the numerators expanded."""
    _, (group,) = common_ring(list(matrix))
    return all(numerator == 0 for numerator in group.polynomials)


CASES = [(kind, d, discrete) for kind in (symmetric, generic) for d in (1, 2, 3) for discrete in (False, True)]


@pytest.mark.parametrize(("kind", "d", "discrete"), [case for case in CASES if case[1] < 3 or not case[2]])
def test_generic_matrices_have_no_residual(kind, d, discrete):
    H, Q = kind("h", d), symmetric("q", d)
    S = solve_lyapunov(H, Q, discrete=discrete)
    assert S == S.T
    assert is_zero(residual(H, Q, S, discrete))
    assert not is_zero(residual(H, 2 * Q, S, discrete))


@pytest.mark.parametrize("d", [2, 3])
def test_a_right_side_that_is_not_symmetric(d):
    H, Q = symmetric("h", d), generic("q", d)
    S = solve_lyapunov(H, Q)
    assert S != S.T
    assert is_zero(residual(H, Q, S, False))


@pytest.mark.parametrize(
    ("kind", "d", "discrete"), [(symmetric, 3, True), (generic, 3, True), (symmetric, 4, False), (symmetric, 4, True)]
)
def test_long_answers_have_no_residual_at_rational_points(kind, d, discrete):
    """Exact arithmetic at a random point, out of 10^12 values for each symbol.

    A numerator that is not zero has degree below 100, so it vanishes there with probability below 1e-10 (Schwartz and
    Zippel).
    """
    H, Q = kind("h", d), symmetric("q", d)
    S = solve_lyapunov(H, Q, discrete=discrete)
    rng = np.random.default_rng()
    point = {s: sp.Rational(int(rng.integers(1, 10**12)), 10**6) for s in sp.Matrix([H, Q]).free_symbols}
    Hn, Qn, Sn = (matrix.xreplace(point) for matrix in (H, Q, S))
    assert residual(Hn, Qn, Sn, discrete) == sp.zeros(d, d)
    assert Sn == solve_lyapunov(Hn, Qn, discrete=discrete)


def test_the_two_by_two_answer_reads_as_in_the_textbooks():
    S = solve_lyapunov([[a, b], [b, c]], sp.eye(2))
    assert list(S) == [entry * (a * c - b**2) ** -1 / 2 for entry in (c, -b, -b, a)]


@pytest.mark.parametrize("discrete", [False, True])
def test_elimination_finds_the_same(discrete):
    """The independent route: the linear system in the entries of S, solved by SymPy."""
    H, Q = sp.Matrix([[a, b], [2, 3]]), sp.Matrix([[1, c], [c, 5]])
    unknown = sp.symbols("s:4")
    (solution,) = sp.linsolve(list(residual(H, Q, sp.Matrix(2, 2, unknown), discrete)), unknown)
    assert is_zero(solve_lyapunov(H, Q, discrete=discrete) - sp.Matrix(2, 2, solution))


RATIONALS = st.fractions(min_value=-5, max_value=5, max_denominator=9)


@settings(max_examples=40, deadline=None)
@given(data=st.data(), d=st.integers(1, 4), discrete=st.booleans())
def test_rational_matrices_agree_with_scipy_and_leave_nothing(data, d, discrete):
    rows = data.draw(st.lists(st.lists(RATIONALS, min_size=d, max_size=d), min_size=2 * d, max_size=2 * d))
    H, Q = rows[:d], sp.Matrix(rows[d:])
    Q = Q + Q.T
    numbers = np.array(H, dtype=float)
    eigenvalues = np.linalg.eigvals(numbers)
    pairs = np.multiply.outer(eigenvalues, eigenvalues) - 1 if discrete else np.add.outer(eigenvalues, eigenvalues)
    try:
        S = solve_lyapunov(H, Q, discrete=discrete)
    except DomainError:
        A, one = sp.Matrix(H), sp.eye(d)
        pair = sp.kronecker_product
        assert (sp.eye(d * d) - pair(A, A) if discrete else pair(A, one) + pair(one, A)).det() == 0
        return
    assert residual(sp.Matrix(H), Q, S, discrete) == sp.zeros(d, d)
    if np.abs(pairs).min() > 1e-2:
        solver = scipy.linalg.solve_discrete_lyapunov if discrete else scipy.linalg.solve_continuous_lyapunov
        wanted = solver(numbers, np.array(Q.tolist(), dtype=float))
        scale = max(1.0, np.abs(wanted).max())
        np.testing.assert_allclose(np.array(S.tolist(), dtype=float), wanted, rtol=1e-6, atol=1e-7 * scale)


@pytest.mark.parametrize("d", [1, 3, 7])
def test_a_diagonal_matrix_is_solved_entry_by_entry(d):
    h, Q = sp.symbols(f"h:{d}"), symmetric("q", d)
    S, discrete = solve_lyapunov(sp.diag(*h), Q), solve_lyapunov(sp.diag(*h), Q, discrete=True)
    for i in range(d):
        for j in range(d):
            assert S[i, j] == Q[i, j] / (h[i] + h[j])
            assert discrete[i, j] == Q[i, j] / (1 - h[i] * h[j])


@pytest.mark.parametrize("H", [sp.Matrix([[a, b], [b, c]]), sp.diag(a, b, c)], ids=["full", "diagonal"])
def test_sgd_is_the_discrete_equation_of_its_step(H):
    """H S + S H - eta H S H = Q is S - A S A = eta Q with A = I - eta H."""
    d = H.rows
    Q = symmetric("q", d)
    S = solve_lyapunov(sp.eye(d) - eta * H, eta * Q, discrete=True)
    assert is_zero(H * S + S * H - eta * H * S * H - Q)
    direct = solve_operator([(1, 1, 0), (1, 0, 1), (-eta, 1, 1)], H, Q)
    assert is_zero(S - direct)
    problem = sgdtheory.Quadratic(H, Q)
    law = sgdtheory.stationary_law(problem, sgdtheory.SGD(eta, 1)).covariance
    assert is_zero(law - eta * S)


def test_common_factors_are_cancelled():
    """Blocks that do not touch do not stand in each other's denominators; numbers and products fall out."""
    H = sp.Matrix([[1, a, 0], [a, 2, 0], [0, 0, b]])
    S = solve_lyapunov(H, sp.eye(3))
    assert S[2, 2] == 1 / (2 * b)
    assert S[0, 0] == 1 / (2 - a**2)
    assert b not in S[0, 1].free_symbols
    assert solve_lyapunov([[a, b], [b, a]], sp.zeros(2, 2)) == sp.zeros(2, 2)


def test_fractions_and_functions_in_the_entries():
    H = sp.Matrix([[sp.exp(x), a / b], [a / b, sp.exp(-x) + sp.sqrt(c)]])
    S = solve_lyapunov(H, sp.Matrix([[1 / c, 0], [0, x]]))
    assert is_zero(residual(H, sp.Matrix([[1 / c, 0], [0, x]]), S, False))
    assert solve_lyapunov([[Fraction(1, 2)]], [[3]]) == sp.Matrix([[3]])


def test_answers_stay_short():
    """Budgets in operations, with room of half as much again; elimination needs 10,857 and, at d = 4, does not end."""
    three = solve_lyapunov(symmetric("h", 3), symmetric("q", 3))
    assert sp.count_ops(three) < 9_400
    four = solve_lyapunov(symmetric("h", 4), symmetric("q", 4))
    shared, entries = sp.cse(four)
    assert sum(map(sp.count_ops, [*entries, *(e for _, e in shared)])) < 2_700


@pytest.mark.parametrize("d", [5, 8])
def test_larger_matrices_with_few_symbols(d):
    H = sp.Matrix(d, d, lambda i, j: (a + i) if i == j else (b if abs(i - j) == 1 else 0)).subs(b, 1)
    S = solve_lyapunov(H, sp.eye(d))
    assert is_zero(residual(H, sp.eye(d), S, False))


@pytest.mark.parametrize(
    ("matrix", "discrete"),
    [
        ([[a, b], [b, -a]], False),
        ([[a, 0], [0, -a]], False),
        ([[0, 0], [0, 1]], False),
        ([[2, 1], [1, sp.Rational(1, 2)]], False),
        ([[sp.sqrt(2), 1], [1, -sp.sqrt(2)]], False),
        ([[sp.cos(x), sp.sin(x)], [-sp.sin(x), sp.cos(x)]], True),
        ([[1, 0], [0, a]], True),
        ([[a, 0], [0, 1 / a]], True),
        ([[0, 1], [1, 0]], True),
        ([[0, 1], [0, 0]], False),
    ],
    ids=str,
)
def test_a_singular_operator_names_its_condition(matrix, discrete):
    message = r"a_i a_j = 1, so there is no unique" if discrete else r"h_i \+ h_j = 0, so there is no unique"
    with pytest.raises(DomainError, match=message):
        solve_lyapunov(matrix, sp.eye(2), discrete=discrete)


HOSTILE = "__import__('pathlib').Path('{}').touch()"


def test_text_is_refused_and_never_run(tmp_path):
    marker = tmp_path / "ran"
    with pytest.raises(DomainError, match=r"entry \(0, 0\) of matrix"):
        solve_lyapunov([[HOSTILE.format(marker), 0], [0, 1]], sp.eye(2))
    assert not marker.exists()


@pytest.mark.parametrize(
    ("matrix", "right", "error", "message"),
    [
        ([[a, b]], sp.eye(2), ShapeError, "matrix is not square"),
        ([[a, b], [c]], sp.eye(2), ShapeError, "matrix is not square"),
        ([], [], ShapeError, "matrix is not square"),
        ([a, b], sp.eye(2), ShapeError, "not made of rows"),
        (sp.eye(2), sp.eye(3), ShapeError, "different sizes"),
        (sp.eye(2), sp.ones(2, 1), ShapeError, "right is not square"),
        ([[sp.nan, b], [b, c]], sp.eye(2), NonFiniteError, r"entry \(0, 0\) of matrix"),
        ([[float("nan"), b], [b, c]], sp.eye(2), NonFiniteError, r"entry \(0, 0\) of matrix"),
        (sp.eye(2), [[1, sp.oo], [0, 1]], NonFiniteError, r"entry \(0, 1\) of right"),
        ([[0.1, b], [b, c]], sp.eye(2), DomainError, "floating-point"),
        ([[a * sp.Float("0.5"), b], [b, c]], sp.eye(2), DomainError, "floating-point"),
        ([[sp.I, b], [b, c]], sp.eye(2), DomainError, "complex"),
        ([[True, b], [b, c]], sp.eye(2), DomainError, "no expression"),
        ([["a", b], [b, c]], sp.eye(2), DomainError, "no expression"),
        ([[None, b], [b, c]], sp.eye(2), DomainError, "no expression"),
        ([[sp.Symbol("A", commutative=False), b], [b, c]], sp.eye(2), DomainError, "no expression"),
        (np.eye(2), sp.eye(2), DomainError, "not a matrix"),
        (a, sp.eye(2), DomainError, "not a matrix"),
        (sp.MatrixSymbol("H", 2, 2), sp.eye(2), DomainError, "not a matrix"),
        ("[[1]]", sp.eye(1), DomainError, "not a matrix"),
        ([[a, 1 / (x * (b + 1) - x * b - x)], [1, 1]], sp.eye(2), DomainError, "divides by zero"),
    ],
)
def test_what_is_no_matrix_of_exact_expressions_is_refused(matrix, right, error, message):
    with pytest.raises(error, match=message):
        solve_lyapunov(matrix, right)


def test_discrete_must_be_a_choice():
    with pytest.raises(DomainError, match="discrete"):
        solve_lyapunov(sp.eye(2), sp.eye(2), discrete="yes")


def test_the_library_offers_it():
    assert sgdtheory.solve_lyapunov([[a]], [[b]]) == solve_lyapunov([[a]], [[b]]) == sp.Matrix([[b / (2 * a)]])
