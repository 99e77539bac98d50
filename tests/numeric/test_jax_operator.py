"""Operators whose products are functions of JAX: against dense answers, in both precisions, and what is refused.

Probes have fixed seeds, so each test's outcome is fixed; the rates below are those of fresh seeds.
"""

import numpy as np
import pytest
from scipy.sparse.linalg import aslinearoperator

import sgdtheory as st
from sgdtheory.errors import DomainError, NonFiniteError, PrecisionError, ShapeError
from sgdtheory.numeric.lift_operator import trace_of_product
from sgdtheory.numeric.matrix_free.stochastic_trace import Probing, stochastic_trace

jax = pytest.importorskip("jax")
stochtrace = pytest.importorskip("matfree.stochtrace")
jnp = jax.numpy
JaxOperator = pytest.importorskip("sgdtheory.numeric.matrix_free.jax_operator").JaxOperator

D = 150
FORMS = [
    "quadratic.stationary_excess_loss",
    "quadratic.generalization_gap",
    "quadratic.transient_excess_loss",
]


@pytest.fixture(scope="module")
def dense():
    """Return Hessian, noise, start: condition number 20, noise that decays and does not commute with the Hessian."""
    rng = np.random.default_rng(7)
    Q, factor = np.linalg.qr(rng.standard_normal((D, D)))[0], rng.standard_normal((D, D)) * 0.93 ** np.arange(D)
    H = (Q * np.geomspace(0.1, 2, D)) @ Q.T
    return (H + H.T) / 2, factor @ factor.T, rng.standard_normal(D)


def times(vector, matrix):
    return matrix @ vector


def operator(matrix, precision="float64"):
    return JaxOperator(times, jnp.zeros(len(matrix), precision), jnp.asarray(matrix.astype(precision)))


@pytest.fixture(scope="module")
def pairs(dense):
    """Return Hessian and noise as operators, by their precision: what is compiled for them is kept with them."""
    found = {}
    for precision in ("float64", "float32"):
        with jax.enable_x64(precision == "float64"):
            found[precision] = [operator(matrix, precision) for matrix in dense[:2]]
    return found


def words_of(name, dense):
    H, C, start = dense
    words = dict(learning_rate=0.3, batch_size=4, dataset_size=50, noise=C, displacement=start, steps=37, hessian=H)
    return {word: words[word] for word in {*st.results[name].parameters, "hessian"} - {"curvature"}}


@pytest.mark.parametrize("precision", ["float64", "float32"])
def test_sums_over_modes_agree_with_the_dense_answers(precision, dense, pairs):
    """Six standard errors: false alarm below 1e-6. They are at most 0.2 %, so an error of 1.5 % cannot pass."""
    with jax.enable_x64(precision == "float64"):
        operators = dict(zip(("hessian", "noise"), pairs[precision], strict=True))
        for name in FORMS:
            words = words_of(name, dense)
            exact = st.evaluate(st.results[name], **words)
            found = st.evaluate(st.results[name], **words | operators, probing=Probing(rtol=0.002, probes=64))
            assert 0 < found.standard_error <= 0.002 * found.value
            assert abs(found.value - exact) < 6 * found.standard_error
            assert found.tolerance == 1e-8 if precision == "float64" else 7e-6 < found.tolerance < 2e-4
            assert found.matvecs >= 16 * found.probes
            assert found.method == "xtrace"
        found = st.evaluate(
            st.results[FORMS[0]], **words_of(FORMS[0], dense) | operators, probing=Probing("hutchinson")
        )
        assert found.method == "hutchinson"
        assert 0.01 < found.standard_error / found.value < 0.2
        assert abs(found.value - st.evaluate(st.results[FORMS[0]], **words_of(FORMS[0], dense))) < (
            6 * found.standard_error
        )


def test_laws_take_them_and_the_flags_of_jax_stay(dense, pairs):
    """Single precision where double is off: the law says how sure it is, and nothing of JAX's settings changes."""
    before = dict(jax.config.values)
    H, C, _ = dense
    with jax.enable_x64(False):
        problem = st.Quadratic(*pairs["float32"], dataset_size=50)
        for sampling in ("replacement", "without_replacement"):
            optimizer = st.SGD(0.3, 4, sampling=sampling)
            law, exact = (st.stationary_law(p, optimizer) for p in (problem, st.Quadratic(H, C, dataset_size=50)))
            for name in ("excess_loss", "gradient_norm_squared"):
                found = getattr(law, name)
                assert abs(found.value - getattr(exact, name)) < 6 * found.standard_error
            vector = np.arange(D) / D
            np.testing.assert_allclose(law.covariance @ vector, exact.covariance @ vector, rtol=0, atol=2e-5 * 60)
        step = st.optimal_step(problem, np.ones(D), 4)
    assert (
        abs(float(step.learning_rate) / float(st.optimal_step(st.Quadratic(H, C), np.ones(D), 4).learning_rate) - 1)
        < 0.05
    )
    assert dict(jax.config.values) == before


def test_hessian_of_a_network():
    """A tree of parameters, a Hessian-vector product by jvp of grad, and the gradients' covariance by vmap.

    The ridge makes the Hessian positive definite. Six standard errors of at most 1 %.
    """
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((60, 6)).astype("float32"), rng.standard_normal(60).astype("float32")
    network = {"inner": 0.3 * rng.standard_normal((6, 12)), "outer": 0.3 * rng.standard_normal(12)}
    network = jax.tree.map(lambda array: jnp.asarray(array, "float32"), network)

    def loss(network, x, y):
        penalty = sum((leaf**2).sum() for leaf in jax.tree.leaves(network))
        return ((jnp.tanh(x @ network["inner"]) @ network["outer"] - y) ** 2).mean() / 2 + penalty

    @jax.jit
    def curved(vector, network, X, y):
        return jax.jvp(jax.grad(lambda n: loss(n, X, y)), (network,), (vector,))[1]

    def spread(vector, network, X, y):
        each = jax.vmap(lambda x, t: jax.grad(lambda n: loss(n, x[None], t[None]))(network))(X, y)
        along = sum(
            (g * v).reshape(len(X), -1).sum(axis=1) for g, v in zip(*map(jax.tree.leaves, (each, vector)), strict=True)
        )
        along = along - along.mean()
        return jax.tree.map(lambda g: jnp.tensordot(along, g, 1) / len(X), each)

    hessian, noise = (JaxOperator(product, network, network, X, y) for product in (curved, spread))
    flat, back = jax.flatten_util.ravel_pytree(network)
    H = np.asarray(jax.hessian(lambda v: loss(back(v), X, y))(flat), dtype=float)
    G = np.asarray(jax.vmap(lambda x, t: jax.grad(lambda v: loss(back(v), x[None], t[None]))(flat))(X, y), dtype=float)
    C = np.cov(G.T, bias=True)
    assert hessian.shape == H.shape == (84, 84)
    np.testing.assert_allclose(noise @ np.ones(84), C @ np.ones(84), rtol=0, atol=1e-4 * np.abs(C).max())
    optimizer = st.SGD(0.1, 8)
    found = st.stationary_law(st.Quadratic(hessian, noise), optimizer).excess_loss
    exact = st.stationary_law(st.Quadratic((H + H.T) / 2, C), optimizer).excess_loss
    assert found.standard_error < 0.01 * exact
    assert abs(found.value - exact) < max(6 * found.standard_error, 1e-4 * exact)


def test_multiples_and_mixtures(x64, dense, pairs):
    """A multiple stays on the device; beside another kind of operator, the products come back to NumPy."""
    H, C, _ = dense
    exact, probing = float(np.trace(H @ C)), Probing(rtol=0.002)
    hessian, noise = pairs["float64"]
    for C_or_multiple, factor in ((noise / 4, 0.25), (3 * noise, 3), (noise * 0.5, 0.5), (noise, 1)):
        assert isinstance(C_or_multiple, JaxOperator)
        np.testing.assert_allclose(C_or_multiple @ np.ones(D), factor * C @ np.ones(D), rtol=1e-10)
        law = st.evaluate(
            st.results[FORMS[0]], hessian=hessian, noise=C_or_multiple, learning_rate=0.3, batch_size=1, probing=probing
        )
        dense_law = st.evaluate(st.results[FORMS[0]], hessian=H, noise=factor * C, learning_rate=0.3, batch_size=1)
        assert abs(law.value - dense_law) < 6 * law.standard_error
    for pair in ((hessian, aslinearoperator(C)), (aslinearoperator(H), noise), (hessian, noise)):
        found = trace_of_product(*pair)
        assert abs(found.value - exact) < 6 * found.standard_error


def test_spaces_that_close_early(x64):
    """Lanczos's method breaks down where nothing new comes: a multiple of one, a curvature with two values."""
    factor = np.random.default_rng(1).standard_normal((D, 3))
    for H in (2 * np.eye(D), np.diag(np.where(np.arange(D) < 40, 1.0, 2.0)), np.diag(np.arange(1.0, D + 1) / D)):
        words = dict(noise=factor @ factor.T, learning_rate=0.1, batch_size=1)
        exact = st.evaluate(st.results[FORMS[0]], hessian=H, **words)
        found = st.evaluate(st.results[FORMS[0]], hessian=operator(H), **words | {"noise": operator(words["noise"])})
        assert found.value == pytest.approx(exact, rel=1e-7), "XTrace is exact for low rank"
    small = st.evaluate(
        st.results[FORMS[0]],
        hessian=operator(np.diag([1.0, 2.0])),
        noise=operator(np.eye(2)),
        learning_rate=0.1,
        batch_size=1,
    )
    assert small.method == "exact"
    assert small.value == pytest.approx(0.1 / 2 * (1 / 1.9 + 1 / 1.8), rel=1e-10)


# Probing.


def test_xtrace_is_that_of_matfree_on_the_same_probes(dense):
    A, probes = dense[0] @ dense[1], np.random.default_rng(3).standard_normal((D, 8))
    probes *= np.sqrt(D) / np.linalg.norm(probes, axis=0)
    found = stochastic_trace(lambda block: A @ block, D, Probing(probes=8, rtol=0, seed=3))
    with jax.enable_x64(True):
        theirs = stochtrace.leave_one_out_xtrace()(lambda vector: jnp.asarray(A) @ vector, jnp.asarray(probes.T))
    assert found.value == pytest.approx(np.asarray(theirs).mean(), rel=1e-9)
    assert found.standard_error > np.asarray(theirs).std() / np.sqrt(8)


def test_error_bars_cover(dense, pairs):
    """Two standard errors cover at least 85 % of 60 seeds; bars that cover 95.4 % fail with probability 2e-3."""
    (H, C, _), form = dense, st.results[FORMS[0]]
    words = dict(learning_rate=0.3, batch_size=4)
    exact = st.evaluate(form, hessian=H, noise=C, **words)
    operators = dict(zip(("hessian", "noise"), pairs["float32"], strict=True))
    with jax.enable_x64(False):
        found = [
            st.evaluate(form, **operators, **words, probing=Probing(probes=8, rtol=0, seed=seed)) for seed in range(60)
        ]
    errors = np.array([estimate.value for estimate in found]) - exact
    bars = np.array([estimate.standard_error for estimate in found])
    assert np.mean(np.abs(errors) < 2 * bars) >= 0.85
    assert np.sqrt(np.mean(errors**2)) > np.sqrt(np.mean(bars**2)) / 4
    assert abs(errors.mean()) < 4.5 * errors.std() / np.sqrt(60), "no bias; false alarm 7e-6"


# What is refused.


def test_nothing_is_cast_in_silence():
    """NumPy's float64 is float64: without it in JAX there is an error, never half the digits."""
    with jax.enable_x64(False):
        for like, arguments in ((np.zeros(3), ()), (jnp.zeros(3), (np.eye(3),)), ({"a": np.zeros(3)}, ())):
            with pytest.raises(PrecisionError, match="float32 until float64 is enabled") as error:
                JaxOperator(lambda v, *rest: v, like, *arguments)
            assert "jax_enable_x64" in error.value.mend
        single = JaxOperator(lambda v: 2 * v, jnp.zeros(3))
        assert single.dtype == np.float32
    with jax.enable_x64(True):
        assert (single @ np.ones(3)).tolist() == [2, 2, 2]
        double = JaxOperator(lambda v: 2 * v, np.zeros(3))
        assert double.dtype == np.float64
        third = JaxOperator(lambda v: v / 3, np.zeros(1)) @ np.ones(1)
        assert third[0] == 1 / 3
    with jax.enable_x64(False), pytest.raises(PrecisionError, match="float64"):
        double @ np.ones(3)


def test_what_is_no_operator_is_refused():
    zeros = jnp.zeros(3, "float32")
    with pytest.raises(DomainError, match="no function"):
        JaxOperator(np.eye(3), zeros)
    for like in (jnp.zeros(3, int), jnp.zeros(3, bool), jnp.zeros(3, "float16"), {}, [zeros, jnp.zeros(2, "int32")]):
        with pytest.raises(DomainError, match="one precision"):
            JaxOperator(lambda v: v, like)
    for product in (lambda v: v[:2], lambda v: v.sum(), lambda v: v.astype("float16"), lambda v: (v, v)):
        with pytest.raises(ShapeError, match="does not look like"):
            JaxOperator(product, zeros)
    with pytest.raises(DomainError, match="outside of traced code"):
        jax.jit(lambda v: JaxOperator(lambda w: w, v) and v)(zeros)
    with pytest.raises(DomainError, match="the factor"):
        JaxOperator(lambda v: v, zeros) * True
    with pytest.raises(DomainError, match="not symmetric"):
        st.Quadratic(JaxOperator(lambda v: v.at[0].add(v[1]), zeros), JaxOperator(lambda v: v, zeros))
    with pytest.raises(NonFiniteError, match="not finite"):
        st.Quadratic(JaxOperator(lambda v: v / 0, zeros), JaxOperator(lambda v: v, zeros))
    with pytest.raises(DomainError, match="no covariance"):
        st.Quadratic(JaxOperator(lambda v: v, zeros), JaxOperator(lambda v: -v, zeros))


def test_problems_outside_the_domain_are_refused(x64, dense, pairs):
    """An indefinite Hessian, a rate beyond its limit, and a system too ill-conditioned for the precision."""
    H, (hessian, noise) = dense[0], pairs["float64"]
    words = dict(noise=noise, batch_size=4, dataset_size=50)
    with pytest.raises(DomainError, match="denominator"):
        st.evaluate(st.results["quadratic.generalization_gap"], hessian=operator(H - 0.7 * np.eye(D)), **words)
    with pytest.raises(DomainError, match="denominator"):
        st.evaluate(st.results[FORMS[0]], hessian=hessian, learning_rate=1.2, noise=noise, batch_size=4)
    spread, white = operator(np.diag(np.geomspace(1e-9, 1, 400)), "float32"), operator(np.eye(400), "float32")
    with pytest.raises(DomainError, match="rounding of the Hessian"):
        st.evaluate(st.results["quadratic.generalization_gap"], hessian=spread, **words | {"noise": white})
