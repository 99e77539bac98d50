"""Symbols and JAX arrays: the same formulas, exact or differentiable."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

import sgdtheory as st

a, b, c, p, q, r = sp.symbols("a b c p q r", positive=True)
rate, size = sp.symbols("rate size", positive=True)
GENERIC_H, GENERIC_C = sp.Matrix([[a, b], [b, c]]), sp.Matrix([[p, q], [q, r]])
NUMBERS = {
    a: sp.Rational(3, 2),
    b: sp.Rational(1, 3),
    c: sp.Rational(4, 5),
    p: 2,
    q: sp.Rational(1, 2),
    r: sp.Rational(7, 5),
    rate: sp.Rational(3, 10),
    size: 4,
}
LAW_NAMES = ("mean", "covariance", "excess_loss", "gradient_norm_squared")


def zero(matrix):
    return sp.Matrix(matrix).applyfunc(lambda entry: sp.cancel(sp.together(entry))).is_zero_matrix


def floats(value):
    value = value.subs(NUMBERS)
    return np.array(value.tolist(), dtype=float) if isinstance(value, sp.MatrixBase) else float(value)


def numeric(matrix):
    return np.array(matrix.subs(NUMBERS).tolist(), dtype=float)


# SymPy.


def test_generic_symbols_solve_the_matrix_equation():
    S = st.stationary_law(st.Quadratic(GENERIC_H, GENERIC_C), st.SGD(rate, size)).covariance
    H, C = GENERIC_H, GENERIC_C
    assert zero(H * S + S * H - rate * H * S * H - rate / size * C)
    assert not zero(H * S + S * H - rate / size * C)
    assert S.free_symbols == {a, b, c, p, q, r, rate, size}


def test_generic_symbols_solve_the_lyapunov_equation():
    S = st.stationary_law(st.Quadratic(GENERIC_H, GENERIC_C), st.SGD(rate, size), limit="diffusion").covariance
    assert zero(GENERIC_H * S + S * GENERIC_H - rate / size * GENERIC_C)


@pytest.mark.parametrize("limit", [None, "diffusion"])
def test_scalars_follow_from_the_symbolic_covariance(limit):
    law = st.stationary_law(st.Quadratic(GENERIC_H, GENERIC_C), st.SGD(rate, size), limit=limit)
    H, S = GENERIC_H, law.covariance
    assert zero(sp.Matrix([law.excess_loss - (H * S).trace() / 2]))
    assert zero(sp.Matrix([law.gradient_norm_squared - (H * S * H).trace()]))


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_generic_symbols_after_some_steps_follow_the_recursion(steps):
    x, y = sp.symbols("x y", real=True)
    minimum = sp.Matrix([1, -1])
    law = st.transient_law(
        st.Quadratic(GENERIC_H, GENERIC_C, minimum=minimum), st.SGD(rate, size), sp.Matrix([x, y]), steps
    )
    A = sp.eye(2) - rate * GENERIC_H
    mean = A**steps * (sp.Matrix([x, y]) - minimum)
    S = sp.zeros(2, 2)
    for _ in range(steps):
        S = A * S * A + rate**2 / size * GENERIC_C
    assert zero(law.mean - minimum - mean)
    assert zero(law.covariance - S)
    loss = ((GENERIC_H * S).trace() + (mean.T * GENERIC_H * mean)[0]) / 2
    assert zero(sp.Matrix([law.excess_loss - loss]))


def test_three_by_three_symbols_after_some_steps_follow_the_recursion():
    """Generic 3x3: the quotient of the formula cancels between modes, so what is left is a polynomial."""
    H = sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"h{min(i, j)}{max(i, j)}", real=True))
    C = sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"c{min(i, j)}{max(i, j)}", real=True))
    law = st.transient_law(st.Quadratic(H, C), st.SGD(rate, size), sp.Matrix([1, 2, -1]), 2)
    A, N = sp.eye(3) - rate * H, rate**2 / size * C
    assert (law.covariance - A * N * A - N).expand().is_zero_matrix
    assert all(sp.fraction(sp.together(entry))[1] == size for entry in law.covariance)


@pytest.mark.parametrize("limit", [None, "diffusion"])
def test_generic_three_by_three_stationary_laws_agree_with_numpy(limit):
    H = sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"h{min(i, j)}{max(i, j)}", real=True))
    C = sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"c{min(i, j)}{max(i, j)}", real=True))
    law = st.stationary_law(st.Quadratic(H, C), st.SGD(rate, size), limit=limit)
    wanted = st.stationary_law(st.Quadratic(H3, C3), st.SGD(0.3, 4), limit=limit)
    numbers = {**NUMBERS, **dict(zip(H, map(sp.Rational, H3.ravel()), strict=True))}
    numbers |= dict(zip(C, map(sp.Rational, C3.ravel()), strict=True))
    for name in LAW_NAMES:
        found = np.array(getattr(law, name).xreplace(numbers), dtype=float)
        np.testing.assert_allclose(np.squeeze(found), getattr(wanted, name), rtol=1e-12, atol=1e-15)


def test_a_decimal_beside_symbols_stays_a_short_formula():
    found = st.stationary_law(st.Quadratic(GENERIC_H, GENERIC_C), st.SGD(0.1, 4)).covariance
    wanted = st.stationary_law(st.Quadratic(GENERIC_H, GENERIC_C), st.SGD(sp.Rational(1, 10), 4)).covariance
    assert found.has(sp.Float)
    np.testing.assert_allclose(floats(found), floats(wanted), rtol=1e-14)
    assert max(abs(number) for number in found.atoms(sp.Float)) < 1000  # 1/10, not its 2**55-th parts


@pytest.mark.parametrize("limit", [None, "diffusion"])
def test_a_diagonal_hessian_takes_symbolic_steps(limit):
    n = sp.Symbol("n", integer=True, nonnegative=True)
    x, y = sp.symbols("x y", real=True)
    problem = st.Quadratic(sp.diag(a, c), GENERIC_C)
    law = st.transient_law(problem, st.SGD(rate, size), sp.Matrix([x, y]), n, limit=limit)
    assert n in law.covariance.free_symbols
    for steps in (0, 1, 4):
        fixed = st.transient_law(problem, st.SGD(rate, size), sp.Matrix([x, y]), steps, limit=limit)
        for name in LAW_NAMES:
            difference = getattr(law, name) - getattr(fixed, name)
            numbers = {**NUMBERS, x: sp.Rational(2, 3), y: -1, n: steps}
            difference = sp.Matrix([difference]) if isinstance(difference, sp.Expr) else difference
            assert max(abs(sp.N(entry.subs(numbers), 30)) for entry in difference) < 1e-25
    if limit is None:
        S = law.covariance
        factor = (1 - rate * a) * (1 - rate * c)
        step = S[0, 1].subs(n, n + 1) - (factor * S[0, 1] + rate**2 * q / size)
        assert all(sp.cancel(step.subs(n, k)) == 0 for k in (0, 1, 2, 5))


def test_symbolic_steps_of_a_full_hessian_say_what_is_missing():
    n = sp.Symbol("n", integer=True, nonnegative=True)
    law = st.transient_law(st.Quadratic(GENERIC_H, GENERIC_C), st.SGD(rate, size), sp.Matrix([1, 1]), n)
    with pytest.raises(NotImplementedError, match="diagonal Hessian"):
        _ = law.covariance


def test_symbols_that_share_a_name_with_the_glossary_are_not_confused():
    """The person's m, eta, t, lambda_i, C_ij are the very symbols of the library, used for something else."""
    from sgdtheory import symbols as glossary

    m, eta, t = sp.Symbol("m", positive=True), sp.Symbol("eta", positive=True), glossary.t
    assert (m, eta) == (glossary.m, glossary.eta)
    H = sp.Matrix([[m, t], [t, eta]])
    C = sp.Matrix([[glossary.lambda_j, glossary.C_ij], [glossary.C_ij, glossary.D]])
    for hessian, learning_rate, batch in (
        (H, glossary.lambda_i, eta),
        (H, m, t),
        (H, eta, m),
        (sp.diag(eta, m), m, eta),
    ):
        S = st.stationary_law(st.Quadratic(hessian, C), st.SGD(learning_rate, batch)).covariance
        assert zero(hessian * S + S * hessian - learning_rate * hessian * S * hessian - learning_rate / batch * C)
    # And after some steps, where powers of the symbols come in.
    x = sp.Matrix([glossary.delta_i, glossary.lambda_])
    for hessian in (H, sp.diag(eta, m)):
        law = st.transient_law(st.Quadratic(hessian, C), st.SGD(glossary.lambda_i, t), x, 2)
        A = sp.eye(2) - glossary.lambda_i * hessian
        assert zero(law.mean - A**2 * x)
        noise = glossary.lambda_i**2 / t * C
        assert zero(law.covariance - (A * noise * A + noise))
    step = st.optimal_step(st.Quadratic(H, C), x, batch_size=eta)
    g = H * x
    assert sp.cancel(step.learning_rate - g.dot(g) / (g.dot(H * g) + (H * C).trace() / eta)) == 0


def test_three_by_three_rationals_are_exact():
    H = sp.Matrix([[2, 1, 0], [1, 3, sp.Rational(1, 2)], [0, sp.Rational(1, 2), 1]])
    C = sp.Matrix([[3, 1, -1], [1, 2, 0], [-1, 0, 1]])
    eta, m = sp.Rational(3, 10), 7
    law = st.stationary_law(st.Quadratic(H, C), st.SGD(eta, m))
    S = law.covariance
    assert H * S + S * H - eta * H * S * H == eta / m * C
    assert all(entry.is_Rational for entry in S)
    assert law.excess_loss == (H * S).trace() / 2


@pytest.mark.parametrize(
    ("hessian", "sampling", "limit"),
    [
        (GENERIC_H, "without_replacement", None),
        (GENERIC_H, "replacement", "diffusion"),
        (sp.diag(a, c), "replacement", None),
        (sp.diag(a, c), "without_replacement", "diffusion"),
    ],
)
def test_symbols_and_numpy_agree(hessian, sampling, limit):
    problem = st.Quadratic(hessian, GENERIC_C, dataset_size=50)
    plain = st.Quadratic(numeric(hessian), numeric(GENERIC_C), dataset_size=50)
    symbolic_sgd, plain_sgd = st.SGD(rate, size, sampling=sampling), st.SGD(0.3, 4, sampling=sampling)
    pairs = [(st.stationary_law(problem, symbolic_sgd, limit), st.stationary_law(plain, plain_sgd, limit))]
    start = [2, sp.Rational(-1, 2)]
    if limit is None or hessian.is_diagonal():
        pairs.append(
            (
                st.transient_law(problem, symbolic_sgd, sp.Matrix(start), 2, limit),
                st.transient_law(plain, plain_sgd, [float(v) for v in start], 2, limit),
            )
        )
    for symbolic, numbers in pairs:
        assert symbolic.results == numbers.results
        for name in LAW_NAMES:
            found, wanted = floats(getattr(symbolic, name)), np.asarray(getattr(numbers, name))
            np.testing.assert_allclose(np.ravel(found), np.ravel(wanted), rtol=1e-12, atol=1e-15)


def test_other_verbs_in_symbols_agree_with_numpy():
    problem = st.Quadratic(GENERIC_H, GENERIC_C, dataset_size=50)
    plain = st.Quadratic(numeric(GENERIC_H), numeric(GENERIC_C), dataset_size=50)
    x, y, c0, c1 = sp.symbols("x y c_0 c_1", positive=True)
    numbers = {**NUMBERS, x: 2, y: sp.Rational(1, 2), c0: 10, c1: 3}

    def value(expression):
        return float(expression.subs(numbers))

    step, wanted = (
        st.optimal_step(problem, sp.Matrix([x, y]), batch_size=size),
        st.optimal_step(plain, [2, 0.5], batch_size=4),
    )
    assert value(step.learning_rate) == pytest.approx(wanted.learning_rate, rel=1e-12)
    assert value(step.expected_decrease) == pytest.approx(wanted.expected_decrease, rel=1e-12)
    # With a cost the symbolic batch size is the real-valued optimum; NumPy's is one of its two neighbours.
    step, wanted = (
        st.optimal_step(problem, sp.Matrix([x, y]), cost=(c0, c1)),
        st.optimal_step(plain, [2, 0.5], cost=(10, 3)),
    )
    assert abs(value(step.batch_size) - wanted.batch_size) < 1
    efficiency = step.expected_decrease / (c0 + c1 * step.batch_size)
    g, H, C = GENERIC_H * sp.Matrix([x, y]), GENERIC_H, GENERIC_C
    n = sp.Symbol("n", positive=True)
    any_size = g.dot(g) ** 2 / 2 / (g.dot(H * g) + (H * C).trace() / n) / (c0 + c1 * n)
    assert value(any_size.diff(n).subs(n, step.batch_size)) == pytest.approx(0, abs=1e-12)
    assert value(any_size.subs(n, step.batch_size)) == pytest.approx(value(efficiency), rel=1e-12)

    assert value(st.stability_limit(problem, size)) == pytest.approx(st.stability_limit(plain, 4), rel=1e-12)
    assert st.stability_limit(st.Quadratic(sp.diag(3, 5), sp.eye(2)), 1) == sp.Rational(2, 5)
    for optimizer, plain_optimizer in ((None, None), (st.SGD(rate, size), st.SGD(0.3, 4))):
        found, wanted = st.generalization_gap(problem, optimizer), st.generalization_gap(plain, plain_optimizer)
        assert value(found.gap) == pytest.approx(wanted.gap, rel=1e-12)
        assert value(found.excess_test_loss) == pytest.approx(wanted.excess_test_loss, rel=1e-12)
    assert zero(sp.Matrix([st.generalization_gap(problem).gap - (GENERIC_H.inv() * GENERIC_C).trace() / 50]))


def test_symbolic_data_set_size_and_batch_size():
    N = sp.Symbol("N", positive=True)
    problem = st.Quadratic(sp.Matrix([[a]]), sp.Matrix([[p]]), dataset_size=N)
    S = st.stationary_law(problem, st.SGD(rate, size, sampling="without_replacement")).covariance
    assert sp.cancel(S[0] - rate * p * (N - size) / (size * (N - 1)) / (2 * a - rate * a**2)) == 0
    assert sp.cancel(S[0].subs(size, N)) == 0


@pytest.mark.parametrize(("learning_rate", "batch_size"), [(rate, 4), (0.3, size), (rate, size)])
def test_numbers_with_a_symbolic_knob_give_a_formula(learning_rate, batch_size):
    problem = st.Quadratic(numeric(GENERIC_H), numeric(GENERIC_C))
    S = st.stationary_law(problem, st.SGD(learning_rate, batch_size)).covariance
    assert isinstance(S, sp.MatrixBase)
    wanted = st.stationary_law(problem, st.SGD(0.3, 4)).covariance
    np.testing.assert_allclose(floats(S), wanted, rtol=1e-12)


# JAX.

H3 = np.array([[1.5, 0.25, 0.0], [0.25, 0.75, -0.5], [0.0, -0.5, 2.0]])
C3 = np.array([[2.0, 0.5, 0.25], [0.5, 1.0, -0.125], [0.25, -0.125, 1.5]])
START = np.array([1.0, -2.0, 0.5])
HESSIANS = {"distinct": H3, "identity": np.eye(3), "pair": np.diag([0.5, 1.5, 1.5])}


def law_of(H, C, eta, *, m=4, limit=None, steps=None, sampling="replacement"):
    problem, optimizer = st.Quadratic(H, C, dataset_size=40), st.SGD(eta, m, sampling=sampling)
    if steps is None:
        return st.stationary_law(problem, optimizer, limit)
    start = START if isinstance(H, np.ndarray) else jnp.asarray(START, getattr(H, "dtype", None))
    return st.transient_law(problem, optimizer, start, steps, limit)


CASES = [{"limit": limit, "steps": steps} for limit in (None, "diffusion") for steps in (None, 0, 5)]
SOME = [CASES[0], CASES[5]]


@pytest.mark.parametrize(
    "case", [*CASES, {"sampling": "without_replacement"}, {"sampling": "without_replacement", "steps": 5}]
)
@pytest.mark.parametrize("hessian", HESSIANS)
def test_jax_gives_numpys_numbers(x64, hessian, case):
    H = HESSIANS[hessian]
    found, wanted = law_of(jnp.asarray(H), jnp.asarray(C3), 0.3, **case), law_of(H, C3, 0.3, **case)
    assert found.results == wanted.results
    for name in LAW_NAMES:
        value, truth = getattr(found, name), np.asarray(getattr(wanted, name))
        assert isinstance(value, jax.Array)
        assert value.dtype == jnp.float64
        assert value.shape == truth.shape
        np.testing.assert_allclose(value, truth, rtol=1e-12, atol=1e-12 * np.abs(truth).max())


def test_large_and_ill_conditioned_problems_in_jax(x64):
    rng = np.random.default_rng(0)
    Q = np.linalg.qr(rng.normal(size=(60, 60)))[0]
    for eigenvalues, tolerance in ((np.linspace(0.1, 1.5, 60), 1e-12), (np.geomspace(1e-6, 1.5, 60), 1e-8)):
        H = Q @ np.diag(eigenvalues) @ Q.T
        H, C = (H + H.T) / 2, np.cov(rng.normal(size=(60, 200)))
        found, wanted = law_of(jnp.asarray(H), jnp.asarray(C), 0.5).covariance, law_of(H, C, 0.5).covariance
        assert np.abs(found - wanted).max() <= tolerance * np.abs(wanted).max()


@pytest.mark.parametrize("case", SOME)
def test_jit_changes_nothing(x64, case):
    def numbers(H, C, eta):
        law = law_of(H, C, eta, **case)
        return [getattr(law, name) for name in LAW_NAMES]

    arguments = jnp.asarray(H3), jnp.asarray(C3), jnp.asarray(0.3)
    for compiled, plain in zip(jax.jit(numbers)(*arguments), numbers(*arguments), strict=True):
        np.testing.assert_allclose(compiled, plain, rtol=1e-12, atol=1e-14)


def test_jit_may_close_over_jax_numbers(x64):
    """Inside jit even a comparison of two known JAX numbers is traced, so checks must look at plain numbers."""
    H, C, eta = jnp.asarray(H3), jnp.asarray(C3), jnp.asarray(0.3)
    wanted = law_of(H3, C3, 0.3).covariance
    np.testing.assert_allclose(jax.jit(lambda H: law_of(H, C, eta).covariance)(H), wanted, rtol=1e-12)
    np.testing.assert_allclose(jax.jit(lambda eta: law_of(H, C, eta).covariance)(eta), wanted, rtol=1e-12)
    np.testing.assert_allclose(jax.jit(lambda s: s * law_of(H, C, eta).covariance)(1.0), wanted, rtol=1e-12)


def weighted(H, C, eta, **case):
    """A scalar with a generic dependence on every entry of what a law says."""
    law = law_of(H, C, eta, **case)
    weights = np.cos(np.arange(9) + 1).reshape(3, 3)
    return (weights * law.covariance).sum() + 0.7 * law.excess_loss - 0.3 * law.gradient_norm_squared + law.mean[1]


def symmetric_direction(seed):
    direction = np.random.default_rng(seed).normal(size=(3, 3))
    return direction + direction.T


def central(function, step=1e-4):
    """Central difference of fourth order."""
    return (8 * (function(step) - function(-step)) - (function(2 * step) - function(-2 * step))) / (12 * step)


@pytest.mark.parametrize("case", [c for c in CASES if c["steps"] != 0])
@pytest.mark.parametrize("hessian", HESSIANS)
def test_derivatives_are_finite_differences(x64, hessian, case):
    """By the rate, H and C, in reverse and forward mode. Differences in NumPy are good to about 1e-10."""
    H, eta = HESSIANS[hessian], 0.3
    dH, dC = symmetric_direction(1), symmetric_direction(2)
    plain = scalar = partial(weighted, **case)
    wanted = (
        central(lambda s: plain(H + s * dH, C3, eta)),
        central(lambda s: plain(H, C3 + s * dC, eta)),
        central(lambda s: plain(H, C3, eta + s)),
    )
    arguments = jnp.asarray(H), jnp.asarray(C3), jnp.asarray(eta)
    directions = jnp.asarray(dH), jnp.asarray(dC), jnp.asarray(1.0)
    gradients = jax.grad(scalar, argnums=(0, 1, 2))(*arguments)
    scale = max(abs(w) for w in wanted)
    for number, direction in enumerate(directions):
        tangents = tuple(direction if place == number else jnp.zeros_like(x) for place, x in enumerate(arguments))
        forward = jax.jvp(scalar, arguments, tangents)[1]
        reverse = float(jnp.sum(gradients[number] * direction))
        assert reverse == pytest.approx(wanted[number], rel=1e-8, abs=1e-9 * scale)
        assert float(forward) == pytest.approx(wanted[number], rel=1e-8, abs=1e-9 * scale)


SECOND = [*((name, CASES[0]) for name in HESSIANS), pytest.param("identity", CASES[2], marks=pytest.mark.slow)]


@pytest.mark.parametrize(("hessian", "case"), SECOND)
def test_second_derivatives_are_right(x64, hessian, case):
    H, dH, C = jnp.asarray(HESSIANS[hessian]), jnp.asarray(symmetric_direction(3)), jnp.asarray(C3)

    def along(s):
        law = law_of(H + s[0] * dH, C, 0.3 + s[1], **case)
        return (np.cos(np.arange(9) + 1).reshape(3, 3) * law.covariance).sum()

    slope = jax.grad(along)
    second = jax.jacfwd(slope)(jnp.zeros(2))
    wanted = np.array([central(lambda s, i=i: np.asarray(slope(jnp.zeros(2).at[i].set(s)))) for i in range(2)])
    np.testing.assert_allclose(second, second.T, rtol=1e-9)
    np.testing.assert_allclose(second, wanted, rtol=1e-7, atol=1e-9 * np.abs(wanted).max())
    # Every entry of H at once.
    full = jax.hessian(lambda H: law_of(H, C, 0.3, **case).excess_loss)(H)
    assert np.isfinite(full).all()


@pytest.mark.parametrize("case", SOME)
def test_vmap_over_learning_rates(x64, case):
    rates = jnp.array([0.1, 0.3, 0.6])
    found = jax.vmap(lambda eta: law_of(jnp.asarray(H3), jnp.asarray(C3), eta, **case).covariance)(rates)
    for one, eta in zip(found, rates, strict=True):
        np.testing.assert_allclose(one, law_of(H3, C3, float(eta), **case).covariance, rtol=1e-11, atol=1e-15)


def test_vmap_over_problems(x64):
    stack = jnp.stack([jnp.asarray(H) for H in HESSIANS.values()])
    found = jax.vmap(lambda H: law_of(H, jnp.asarray(C3), 0.3).excess_loss)(stack)
    wanted = [law_of(H, C3, 0.3).excess_loss for H in HESSIANS.values()]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_single_precision_stays_single_and_the_setting_stays(case):
    assert not jax.config.jax_enable_x64
    law = law_of(jnp.asarray(H3, jnp.float32), jnp.asarray(C3, jnp.float32), 0.3, **case)
    wanted = law_of(H3, C3, 0.3, **case)
    for name in LAW_NAMES:
        value = getattr(law, name)
        assert value.dtype == jnp.float32
        truth = np.asarray(getattr(wanted, name))
        np.testing.assert_allclose(value, truth, rtol=1e-4, atol=1e-5 * max(np.abs(truth).max(), 1e-3))
    assert not jax.config.jax_enable_x64


def test_single_precision_stays_single_where_double_is_on(x64):
    law = law_of(jnp.asarray(H3, jnp.float32), jnp.asarray(C3, jnp.float32), 0.3)
    assert law.covariance.dtype == law.excess_loss.dtype == jnp.float32
    assert jax.config.jax_enable_x64


@pytest.mark.parametrize("eta", [1e-12, 1e-20])
def test_transient_covariance_in_jax_keeps_its_digits_at_a_tiny_rate(x64, eta):
    found = law_of(jnp.asarray(H3), jnp.asarray(C3), eta, steps=5).covariance
    np.testing.assert_allclose(np.asarray(found) / eta**2, 5 * C3 / 4, rtol=1e-10)


def test_transient_covariance_where_the_noise_just_adds_up_is_no_nan(x64):
    """At eta lambda = 2 the closed form is 0/0, its limit t eta^2 C/m."""
    for H, C, eta, start in (
        (jnp.array([[4.0]]), jnp.array([[3.0]]), 0.5, jnp.array([1.0])),
        (sp.Matrix([[4]]), sp.Matrix([[3]]), sp.Rational(1, 2), sp.Matrix([1])),
    ):
        law = st.transient_law(st.Quadratic(H, C), st.SGD(eta, 4), start, 3)
        try:
            found = law.covariance[0, 0]
        except ValueError:
            continue  # refused in words is fine too
        assert float(found) == pytest.approx(3 * 0.25 * 3 / 4, rel=1e-12)


def test_a_mixture_of_kinds_answers_in_jax(x64):
    wanted = law_of(H3, C3, 0.3).covariance
    for H, C, eta in (
        (jnp.asarray(H3), C3, 0.3),
        (H3, jnp.asarray(C3), 0.3),
        (H3, C3, jnp.asarray(0.3)),
        (jnp.asarray(H3), C3.tolist(), 0.3),
    ):
        found = law_of(H, C, eta).covariance
        assert isinstance(found, jax.Array)
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_other_verbs_in_jax(x64):
    H, C = jnp.asarray(H3), jnp.asarray(C3)
    plain = st.Quadratic(H3, C3, dataset_size=40)

    def verbs(H, C, theta, eta):
        problem = st.Quadratic(H, C, dataset_size=40)
        step, gap = st.optimal_step(problem, theta, batch_size=4), st.generalization_gap(problem, st.SGD(eta, 4))
        return step.learning_rate, step.expected_decrease, gap.gap, gap.excess_test_loss, st.stability_limit(problem, 4)

    step, gap = st.optimal_step(plain, START, batch_size=4), st.generalization_gap(plain, st.SGD(0.3, 4))
    wanted = step.learning_rate, step.expected_decrease, gap.gap, gap.excess_test_loss, st.stability_limit(plain, 4)
    arguments = H, C, jnp.asarray(START), jnp.asarray(0.3)
    for found in (verbs(*arguments), jax.jit(verbs)(*arguments)):
        np.testing.assert_allclose(found, wanted, rtol=1e-12)
        assert all(isinstance(value, jax.Array) for value in found)
    slopes = jax.jacfwd(verbs, argnums=(0, 1, 2, 3))(*arguments)
    assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(slopes))
    dH = jnp.asarray(symmetric_direction(4))
    differences = central(lambda s: np.array(verbs(H + s * dH, *arguments[1:])))
    for number, difference in enumerate(differences):
        assert float(jnp.sum(slopes[number][0] * dH)) == pytest.approx(difference, rel=1e-8, abs=1e-9)


def test_cost_in_jax_gives_the_real_valued_batch_size(x64):
    problem = st.Quadratic(jnp.asarray(H3), jnp.asarray(C3))
    found = st.optimal_step(problem, jnp.asarray(START), cost=(10.0, 1.0))
    wanted = st.optimal_step(st.Quadratic(H3, C3), START, cost=(10.0, 1.0))
    assert abs(float(found.batch_size) - wanted.batch_size) < 1


def test_least_squares_in_jax_differentiates_through_the_data(x64):
    rng = np.random.default_rng(1)
    X, y = rng.normal(size=(12, 3)), rng.normal(size=12)
    direction = rng.normal(size=X.shape)

    def floor(X):
        return st.stationary_law(st.LeastSquares(X, jnp.asarray(y), ridge=0.1), st.SGD(0.2, 3)).excess_loss

    def plain(X):
        problem = st.LeastSquares(X, y, ridge=0.1)  # in JAX its law is that of constant noise
        return st.stationary_law(st.Quadratic(problem.hessian, problem.noise), st.SGD(0.2, 3)).excess_loss

    assert float(floor(jnp.asarray(X))) == pytest.approx(plain(X), rel=1e-12)
    slope = float(jnp.sum(jax.jit(jax.grad(floor))(jnp.asarray(X)) * direction))
    assert slope == pytest.approx(central(lambda s: plain(X + s * direction)), rel=1e-8)


def test_steps_under_jit_must_be_static():
    law = jax.jit(lambda n: law_of(jnp.asarray(H3), jnp.asarray(C3), 0.3, steps=n).covariance)
    with pytest.raises((TypeError, ValueError), match=r"static|int"):
        law(3)
