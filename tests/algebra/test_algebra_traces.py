"""Matrix derivatives of traces, against automatic differentiation and entry by entry.

At SymPy 1.14 ``sympy.diff`` of a sum of traces is silently zero: ``diff(Trace(A.T*A) + Trace(B.T*B), A)``,
``diff(Trace(A) + 1, A)`` and ``diff(Trace(I - A)**2, A)`` are. The cases below would fail with it.
"""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Determinant, Identity, Inverse, MatrixSymbol, Trace

from sgdtheory.algebra.traces import matrix_gradient
from sgdtheory.errors import DomainError

A, B, H, Q, S = (MatrixSymbol(name, 3, 3) for name in "ABHQS")
X = MatrixSymbol("X", 2, 3)
c = sp.Symbol("c", positive=True)


def entries(gradient):
    return sp.Matrix(gradient.as_explicit())


def by_entries(expression, variable):
    """Differentiate by each entry: slow, and another route."""
    written = expression.replace(
        lambda node: isinstance(node, Trace | Determinant),
        lambda node: (
            node.arg.as_explicit().trace() if isinstance(node, Trace) else sp.Matrix(node.arg.as_explicit()).det()
        ),
    )
    return sp.Matrix(*variable.shape, lambda i, j: sp.diff(written, variable[i, j]))


POLYNOMIAL = [
    Trace(A.T * A) + Trace(B.T * B),
    Trace(A) + 1,
    Trace(Identity(3) - A) ** 2,
    3 * Trace(A) ** 2 * Trace(B * A) - c * Trace(A * B * A.T * Q),
    Trace(A**3) - Trace(2 * (A + B) * (A - B)),
    sp.exp(c * Trace(A)) * sp.sin(Trace(A * B)) + sp.sqrt(Trace(A.T * A)),
    Trace(A * B) / Trace(A),
    Determinant(A) ** 2,
    Trace(Trace(A) * A * B),
]


@pytest.mark.parametrize("expression", POLYNOMIAL, ids=str)
def test_gradients_are_the_derivatives_by_the_entries(expression):
    rng = np.random.default_rng(0)
    numbers = {c: sp.Rational(7, 5)}
    for matrix in (A, B, Q):
        numbers |= {matrix[i, j]: sp.Rational(int(rng.integers(1, 30)), 7) for i in range(3) for j in range(3)}
    gradient = matrix_gradient(expression, A)
    found = sp.Matrix(3, 3, lambda i, j: value(gradient, numbers)[i, j])
    wanted = by_entries(expression, A).xreplace(numbers)
    assert max(abs(sp.N(entry, 30)) for entry in found - wanted) < 1e-20 * max(abs(sp.N(w, 30)) for w in wanted)


def value(expression, numbers):
    """Return a matrix expression at numbers, exactly: a route of its own through SymPy's explicit matrices."""
    if isinstance(expression, sp.MatAdd):
        return sum((value(part, numbers) for part in expression.args[1:]), value(expression.args[0], numbers))
    if isinstance(expression, sp.MatMul):
        found = sp.eye(expression.shape[0])
        for part in expression.args:
            found = found * (value(part, numbers) if part.is_Matrix else scalar(part, numbers))
        return found
    if isinstance(expression, sp.Transpose):
        return value(expression.arg, numbers).T
    if isinstance(expression, sp.MatPow):
        return value(expression.base, numbers) ** expression.exp
    return sp.Matrix(expression.as_explicit()).xreplace(numbers)


def scalar(expression, numbers):
    return expression.replace(
        lambda node: isinstance(node, Trace | Determinant),
        lambda node: value(node.arg, numbers).trace() if isinstance(node, Trace) else value(node.arg, numbers).det(),
    ).xreplace(numbers)


def test_known_gradients_read_as_in_the_tables():
    assert matrix_gradient(Trace(A * S * B * S), S) == A.T * S.T * B.T + B.T * S.T * A.T
    assert matrix_gradient(Trace(A * S.T), S) == A
    assert matrix_gradient(Trace(X * X.T), X) == 2 * X
    assert matrix_gradient(Trace(S.I * A), S, symmetric=[S, A]) == -(S.I * A * S.I)
    assert matrix_gradient(sp.log(Determinant(S)), S, symmetric=True) == S.I
    assert matrix_gradient(c * Trace(A), S) == sp.ZeroMatrix(3, 3)
    x = MatrixSymbol("x", 3, 1)
    assert matrix_gradient(x.T * S * x, S) == x * x.T


def test_a_functional_whose_stationary_point_is_the_lyapunov_equation():
    gradient = matrix_gradient(Trace(S * H * S) - Trace(Q * S), S, symmetric=[S, H, Q])
    assert sp.MatAdd(gradient, Q).doit() == H * S + S * H


def test_symmetric_convention():
    """d phi = tr(G dS) for symmetric dS: an off-diagonal entry stands twice, so its derivative is 2 G_ij."""
    letters = sp.symbols("s:6", real=True)
    explicit = sp.Matrix([[letters[0], letters[1], letters[2]], [letters[1], letters[3], letters[4]],
                          [letters[2], letters[4], letters[5]]])  # fmt: skip
    a = sp.Matrix([[1, 2, -1], [0, 3, 5], [4, -2, 1]])
    places = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    expression = Trace(S) ** 2 * Trace(A * S) + Trace(A * S * S)
    gradient = matrix_gradient(expression, S, symmetric=True)
    numbers = {A[i, j]: a[i, j] for i in range(3) for j in range(3)}
    numbers |= {S[i, j]: explicit[i, j] for i in range(3) for j in range(3)}
    found = value(gradient, numbers)
    written = explicit.trace() ** 2 * (a * explicit).trace() + (a * explicit * explicit).trace()
    for letter, (i, j) in zip(letters, places, strict=True):
        assert sp.expand(sp.diff(written, letter) - (1 if i == j else 2) * found[i, j]) == 0
    assert (found - found.T).expand().is_zero_matrix


# Random expressions against jax.grad. Each is a pair: the SymPy expression, and a function of JAX matrices.


def leaves():
    return st.sampled_from([A, S, S.T, Identity(3) + S])


def products(inner):
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] + 2 * p[1]),
        inner.map(lambda m: m.T),
        inner.map(lambda m: Inverse(m.T * m + 3 * Identity(3))),
        inner.map(lambda m: (m + A) ** 2),
    )


MATRICES = st.recursive(leaves(), products, max_leaves=4)
TRACES = MATRICES.map(Trace)
SCALARS = st.recursive(
    TRACES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + 3 * p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        inner.map(lambda s: s**2),
        inner.map(lambda s: sp.sin(s / 10)),
        MATRICES.map(lambda m: sp.log(Determinant(m.T * m + Identity(3)))),
    ),
    max_leaves=3,
)


def in_jax(node, matrices):
    """Evaluate an expression on JAX arrays."""
    import jax.numpy as jnp

    args = [in_jax(argument, matrices) for argument in node.args] if not isinstance(node, MatrixSymbol) else []
    if isinstance(node, MatrixSymbol):
        return matrices[node.name]
    if isinstance(node, Identity):
        return jnp.eye(3)
    if node.is_Number:
        return float(node)
    rules = {
        Trace: jnp.trace,
        Determinant: jnp.linalg.det,
        sp.Transpose: jnp.transpose,
        sp.sin: jnp.sin,
        sp.cos: jnp.cos,
        sp.log: jnp.log,
        Inverse: lambda m, _: jnp.linalg.inv(m),
        sp.MatPow: lambda m, n: jnp.linalg.matrix_power(m, int(n)),
        sp.Pow: lambda b, e: b**e,
        sp.Add: lambda *a: sum(a[1:], a[0]),
        sp.MatAdd: lambda *a: sum(a[1:], a[0]),
        sp.Mul: lambda *a: jnp.prod(jnp.array(a)),
        sp.ZeroMatrix: lambda *_: jnp.zeros((3, 3)),
    }
    if isinstance(node, sp.MatMul):
        found = jnp.eye(3)
        for argument in args:
            found = found * argument if jnp.ndim(argument) == 0 else found @ argument
        return found
    return rules[type(node)](*args)


@settings(max_examples=25, deadline=None)
@given(expression=SCALARS, seed=st.integers(0, 2**20), symmetric=st.booleans())
def test_jax_differentiates_alike(expression, seed, symmetric):
    import jax

    with jax.enable_x64(True):
        rng = np.random.default_rng(seed)
        matrices = {"A": rng.normal(size=(3, 3)), "S": rng.normal(size=(3, 3))}
        if symmetric:
            matrices["S"] = matrices["S"] + matrices["S"].T
        wanted = np.asarray(jax.grad(lambda s: in_jax(expression, matrices | {"S": s}))(matrices["S"]))
        if symmetric:
            wanted = (wanted + wanted.T) / 2
        found = np.asarray(in_jax(matrix_gradient(expression, S, symmetric=symmetric), matrices))
    np.testing.assert_allclose(found, wanted, rtol=1e-8, atol=1e-9 * max(1.0, np.abs(wanted).max()))


def test_a_trace_that_jax_knows(x64):
    """Rectangular variables keep their shape."""
    import jax
    import jax.numpy as jnp

    rng = np.random.default_rng(3)
    a, x = rng.normal(size=(3, 3)), rng.normal(size=(2, 3))
    gradient = matrix_gradient(Trace(X * A * X.T) ** 2, X)
    assert gradient.shape == (2, 3)
    wanted = jax.grad(lambda x: jnp.trace(x @ a @ x.T) ** 2)(x)
    numbers = {A[i, j]: a[i, j] for i in range(3) for j in range(3)}
    numbers |= {X[i, j]: x[i, j] for i in range(2) for j in range(3)}
    np.testing.assert_allclose(np.array(value(gradient, numbers), dtype=float), wanted, rtol=1e-12)


n = sp.Symbol("n", integer=True, positive=True)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (Trace(S**n), "MatPow"),
        (Trace(sp.HadamardProduct(S, A)), "HadamardProduct"),
        (S[0, 0] * Trace(S), "entry of the variable"),
        (S * A, "not a scalar"),
        ("Trace(S)", "not a scalar"),
        (sp.Sum(S[0, 0], (n, 1, 2)) + Trace(S), "entry of the variable"),
    ],
    ids=str,
)
def test_what_it_cannot_do_is_an_error_and_never_a_zero(expression, message):
    with pytest.raises(DomainError, match=message):
        matrix_gradient(expression, S)


@pytest.mark.parametrize(
    ("variable", "symmetric"), [(c, False), ("S", False), (S, "S"), (X, True), (S, [X]), (S, [c])], ids=str
)
def test_wrong_variables_are_refused(variable, symmetric):
    with pytest.raises(DomainError):
        matrix_gradient(Trace(S), variable, symmetric=symmetric)
