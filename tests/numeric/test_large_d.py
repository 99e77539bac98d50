"""Operators: problems too large for matrices, against the dense answers, and how honest the error bars are.

Probes have fixed seeds, so each test's outcome is fixed; the rates below are those of fresh seeds.
"""

import re
import subprocess
import sys

import numpy as np
import pytest
import scipy.sparse
import sympy as sp
from scipy.sparse.linalg import LinearOperator, aslinearoperator

import sgdtheory as st
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError, StabilityError
from sgdtheory.numeric.matrix_free.operator_covariance import CovarianceOperator, optimal_shifts
from sgdtheory.numeric.matrix_free.operator_function import chebyshev_series, conjugate_gradients
from sgdtheory.numeric.matrix_free.stochastic_trace import Probing, stochastic_trace
from sgdtheory.numeric.matrix_free.symmetric_operator import as_symmetric_operator
from sgdtheory.symbols import C_ii, C_ij

D = 200
SUMS = [
    name
    for name, form in st.results.items()
    if form.value.has(C_ii) and "ij" not in str(form.symbol) and form.value != 0
]
NO_SUMS = {  # a logarithm of the noise in each mode; a value for each mode
    "diffusion.accelerated_variance",
    "diffusion.accelerated_variance_growth",
    "diffusion.accelerated_variance_settling",
    "posterior.divergence",
    "posterior.divergence_bound",
    "posterior.divergence_diffusion",
    "posterior.fisher_scoring_preconditioner",
    "posterior.fisher_scoring_preconditioner_diffusion",
    "posterior.langevin_excess_variance",
    "posterior.optimal_preconditioner",
    "posterior.optimal_preconditioner_diffusion",
}
MATRICES = [name for name, form in st.results.items() if form.value.has(C_ij)]


def rotation(rng):
    return np.linalg.qr(rng.standard_normal((D, D)))[0]


@pytest.fixture(scope="module")
def dense():
    """Return Hessian, noise, start: condition number 200, noise that decays and does not commute with the Hessian."""
    rng = np.random.default_rng(7)
    Q, factor = rotation(rng), rng.standard_normal((D, D)) * 0.93 ** np.arange(D)
    H = (Q * np.geomspace(0.01, 2, D)) @ Q.T
    return (H + H.T) / 2, factor @ factor.T, rng.standard_normal(D)


def words_of(name, dense):
    H, C, start = dense
    all_words = dict(
        learning_rate=0.3, batch_size=4, dataset_size=50, noise=C, displacement=start, steps=37, lag=5, hessian=H
    )
    all_words |= dict(momentum=0.5, damping=0.5, averaging_weight=0.1, window=20, batches_per_epoch=40, phase=3)
    all_words |= dict(temperature=0.2, injected_noise=np.eye(D), amplification=5, time_step=0.3, cycles=6)
    all_words |= dict(first_learning_rate=0.4, second_learning_rate=0.1, last_learning_rate=3.0)
    return {word: all_words[word] for word in {*st.results[name].parameters, "hessian"} - {"curvature"}}


def operators(words):
    return {word: aslinearoperator(v) if np.ndim(v) == 2 else v for word, v in words.items()}


def law_pair(dense, optimizer, **more):
    H, C, _ = dense
    large = st.Quadratic(aslinearoperator(H), aslinearoperator(C), dataset_size=50, **more)
    return large, st.Quadratic(H, C, dataset_size=50)


def test_the_lists_are_not_empty():
    assert len(SUMS) >= 10
    assert len(MATRICES) >= 6


@pytest.mark.parametrize("name", SUMS)
def test_a_sum_over_modes_agrees_with_the_dense_answer(name, dense):
    """Six standard errors: false alarm below 1e-6. They are at most 0.2 %, so an error of 1.5 % cannot pass."""
    words = words_of(name, dense)
    exact = st.evaluate(st.results[name], **words)
    probing = Probing(rtol=0.002, probes=100)
    if name in NO_SUMS:
        with pytest.raises(NotImplementedError, match=r"is not linear in|has a value for each eigenvalue"):
            st.evaluate(st.results[name], **operators(words), probing=probing)
        return
    found = st.evaluate(st.results[name], **operators(words), probing=probing)
    assert 0 < found.standard_error <= 0.002 * abs(found.value)
    assert abs(found.value - exact) < 6 * found.standard_error
    assert float(found) == found.value
    assert found.matvecs >= 2 * found.probes
    assert re.fullmatch(r"-?[\d.]+ \+- [\d.e-]+", repr(found))


@pytest.mark.parametrize(
    ("name", "tolerance"), [(name, t) for name in MATRICES for t in (1e-5, 1e-10)[: 1 + name.startswith("quadratic.")]]
)
def test_a_covariance_multiplies_like_the_dense_one(name, tolerance, dense):
    words = words_of(name, dense)
    block = np.random.default_rng(0).standard_normal((D, 3))
    exact = st.evaluate(st.results[name], **words) @ block
    try:
        found = st.evaluate(st.results[name], **operators(words), probing=Probing(tolerance=tolerance))
    except NotImplementedError:
        assert not name.startswith("quadratic."), "what large problems are asked for is built"
        return
    assert isinstance(found, CovarianceOperator)
    assert np.linalg.norm(found @ block - exact) < 3 * tolerance * np.linalg.norm(exact)
    np.testing.assert_allclose(
        found @ block[:, 0], (found @ block)[:, 0], rtol=0, atol=3 * tolerance * abs(exact).max()
    )


@pytest.mark.parametrize("steps", [0, 1, 37, 100_000])
@pytest.mark.parametrize("name", ["transient_excess_loss", "transient_gradient_norm_diffusion"])
def test_without_noise_nothing_is_random(name, steps, dense):
    """Flat directions are left after 100,000 steps at so small a rate, so the value is not simply zero."""
    form, words = st.results[f"quadratic.{name}"], words_of(f"quadratic.{name}", dense)
    words |= {"noise": 0 * words["noise"], "steps": steps, "learning_rate": 1e-3}
    found = st.evaluate(form, **operators(words))
    assert found.standard_error == 0
    assert found.value == pytest.approx(st.evaluate(form, **words), rel=1e-7)
    assert found.matvecs < 3000, "the degree of the polynomial grows like the root of the steps"


def test_means_agree_with_the_dense_ones(dense):
    for name in ("mean_trajectory", "mean_trajectory_diffusion"):
        words = words_of(f"quadratic.{name}", dense)
        exact = st.evaluate(st.results[f"quadratic.{name}"], **words)
        found = st.evaluate(st.results[f"quadratic.{name}"], **operators(words))
        np.testing.assert_allclose(found, exact, rtol=0, atol=1e-7 * np.linalg.norm(words["displacement"]))


# XTrace and its error bars.


@pytest.mark.parametrize(
    "eigenvalues",
    [np.linspace(1, 3, D), 0.9 ** np.arange(D), 1 / np.arange(1.0, D + 1), (np.arange(D) < 20) + 1e-3],
    ids=["flat", "geometric", "harmonic", "step"],
)
def test_error_bars_cover(eigenvalues):
    """Two standard errors cover at least 90 % of 200 seeds; the bars are at most 4 times too wide.

    A bar with the coverage 95 % would fail with probability 5e-4. The scatter of the leave-one-out estimates, too small
    by up to 1.7, covers 70 to 85 % on three of the four and fails.
    """
    Q = rotation(np.random.default_rng(0))
    A = (Q * eigenvalues) @ Q.T
    found = [stochastic_trace(lambda b: A @ b, D, Probing(probes=16, rtol=0, seed=s)) for s in range(200)]
    errors = np.array([estimate.value for estimate in found]) - eigenvalues.sum()
    bars = np.array([estimate.standard_error for estimate in found])
    assert np.mean(np.abs(errors) < 2 * bars) >= 0.9
    assert np.sqrt(np.mean(errors**2)) > np.sqrt(np.mean(bars**2)) / 4
    assert abs(errors.mean()) < 4.5 * errors.std() / np.sqrt(200), "no bias; false alarm 7e-6"


def test_error_bars_of_hutchinson_cover():
    """Normal to good accuracy: 95 % within two, so fewer than 90 % or more than 99.5 % have probability below 1e-3."""
    A = np.random.default_rng(0).standard_normal((D, D))
    found = [stochastic_trace(lambda b: A @ b, D, Probing("hutchinson", probes=64, rtol=0, seed=s)) for s in range(200)]
    inside = [abs(e.value - np.trace(A)) < 2 * e.standard_error for e in found]
    assert 0.9 <= np.mean(inside) <= 0.995
    assert all(estimate.probes == estimate.matvecs == 64 for estimate in found)


def test_xtrace_is_exact_for_low_rank():
    rng = np.random.default_rng(1)
    left, right = rng.standard_normal((2, D, 5))  # not symmetric
    found = stochastic_trace(lambda b: left @ (right.T @ b), D)
    assert found.value == pytest.approx(np.sum(left * right), rel=1e-10)
    assert found.standard_error < 1e-10 * np.linalg.norm(left) * np.linalg.norm(right)
    assert (found.probes, found.matvecs) == (8, 13)
    hutchinson = stochastic_trace(lambda b: left @ (right.T @ b), D, Probing("hutchinson", probes=16, rtol=0))
    assert abs(hutchinson.value - np.sum(left * right)) > 1


def test_xtrace_beats_hutchinson_where_eigenvalues_decay():
    """64 products each; the root mean square errors differ by a factor near 10^4 and are asked to differ by 1000."""
    eigenvalues = 0.7 ** np.arange(D)
    Q = rotation(np.random.default_rng(0))
    A = (Q * eigenvalues) @ Q.T

    def error(method, probes):
        options = [Probing(method, probes=probes, rtol=0, seed=seed) for seed in range(20)]
        found = [stochastic_trace(lambda b: A @ b, D, option).value for option in options]
        return np.sqrt(np.mean((np.array(found) - eigenvalues.sum()) ** 2))

    assert error("xtrace", 32) < error("hutchinson", 64) / 1000


def test_probing_stops_and_seeds():
    A = np.diag(np.linspace(1, 3, D))
    loose, tight = (stochastic_trace(lambda b: A @ b, D, Probing(rtol=rtol)) for rtol in (0.1, 0.01))
    assert loose.probes == 8
    assert 8 < tight.probes <= 100
    assert tight.standard_error <= 0.01 * tight.value
    again = stochastic_trace(lambda b: A @ b, D, Probing(rtol=0.1))
    assert again == loose
    rng = np.random.default_rng(0)
    drawn = [stochastic_trace(lambda b: A @ b, D, Probing(rtol=0.1, seed=rng)).value for _ in range(2)]
    assert drawn[0] != drawn[1]
    small = stochastic_trace(lambda b: 3 * b, 4)
    assert (small.value, small.standard_error, small.method) == (12.0, 0.0, "exact")
    signs = stochastic_trace(lambda b: A @ b, D, Probing("hutchinson"))
    assert signs.value == pytest.approx(2 * D, rel=1e-12)
    assert signs.standard_error < 1e-12 * D


# Problems.


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
def test_laws_agree_with_the_dense_ones(sampling, dense):
    """Six standard errors of at most 1 %; false alarm below 1e-6."""
    optimizer = st.SGD(0.3, 4, sampling=sampling)
    large, small = law_pair(dense, optimizer)
    start = dense[2]
    for found, exact in (
        (st.stationary_law(large, optimizer), st.stationary_law(small, optimizer)),
        (st.transient_law(large, optimizer, start, 20), st.transient_law(small, optimizer, start, 20)),
    ):
        for name in ("excess_loss", "gradient_norm_squared"):
            estimate = getattr(found, name)
            assert abs(estimate.value - getattr(exact, name)) < 6 * estimate.standard_error
            assert estimate.standard_error < 0.01 * estimate.value
        np.testing.assert_allclose(found.mean, exact.mean, rtol=0, atol=1e-6)
        np.testing.assert_allclose(found.covariance @ start, exact.covariance @ start, rtol=0, atol=1e-6)
        assert found.results == exact.results
        assert "+-" in str(found)
    gap, exact = st.generalization_gap(large, optimizer), st.generalization_gap(small, optimizer)
    for name in ("gap", "excess_test_loss"):
        assert abs(getattr(gap, name).value - getattr(exact, name)) < 6 * getattr(gap, name).standard_error


def test_other_verbs_agree_with_the_dense_ones(dense):
    large, small = law_pair(dense, st.SGD(0.3, 4))
    theta = dense[2]
    assert st.stability_limit(large, 4) == pytest.approx(st.stability_limit(small, 4), rel=1e-7)
    assert large.loss(theta) == pytest.approx(small.loss(theta), rel=1e-12)
    np.testing.assert_allclose(large.gradient(theta), small.gradient(theta), rtol=0, atol=1e-12)
    for words in ({"batch_size": 4}, {"cost": (3, 1)}):
        found, exact = st.optimal_step(large, theta, **words), st.optimal_step(small, theta, **words)
        assert found.learning_rate == pytest.approx(exact.learning_rate, rel=0.01)
        assert found.batch_size == exact.batch_size
        assert any("tr(HC) is estimated" in caveat for caveat in found.caveats)
    with pytest.raises(DomainError, match="NumPy"):
        st.simulate(large, st.SGD(0.1, 4), 10, 10)


def test_sparse_and_single_precision_are_taken(dense):
    H, C, start = dense
    exact = st.stationary_law(st.Quadratic(H, C), st.SGD(0.3, 4))
    for change, accuracy in ((scipy.sparse.csr_array, 1e-7), (lambda A: aslinearoperator(A.astype("f4")), 1e-5)):
        law = st.stationary_law(st.Quadratic(change(H), change(C)), st.SGD(0.3, 4))
        assert abs(law.excess_loss.value - exact.excess_loss) < 6 * law.excess_loss.standard_error
        gap = np.linalg.norm(law.covariance @ start - exact.covariance @ start)
        assert gap < accuracy * np.linalg.norm(exact.covariance @ start)
    assert st.Quadratic(scipy.sparse.csr_array(H), C).kind == "operator", "one operator is enough"


def test_hessian_vector_products_of_jax():
    """A Hessian by automatic differentiation, in single precision, and the noise of the samples' gradients."""
    jax = pytest.importorskip("jax")
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((400, 150)).astype("f4"), rng.standard_normal(400).astype("f4")
    theta = np.linalg.solve(X.T @ X, X.T @ y)

    def loss(point):
        return jax.numpy.mean((X @ point - y) ** 2) / 2

    along = jax.jit(jax.vmap(lambda v: jax.jvp(jax.grad(loss), (theta,), (v,))[1], in_axes=1, out_axes=1))
    H = LinearOperator((150, 150), matvec=lambda v: along(v.reshape(-1, 1)).ravel(), matmat=along, dtype="f4")
    gradients = X * (X @ theta - y)[:, None]
    C = LinearOperator(
        (150, 150),
        matvec=lambda v: gradients.T @ (gradients @ v) / 400,
        matmat=lambda V: gradients.T @ (gradients @ V) / 400,
        dtype="f4",
    )
    law = st.stationary_law(st.Quadratic(H, C), st.SGD(0.2, 4))
    exact = st.stationary_law(st.Quadratic(X.T @ X / 400, gradients.T @ gradients / 400), st.SGD(0.2, 4))
    assert abs(law.excess_loss.value - exact.excess_loss) < 6 * law.excess_loss.standard_error


def test_a_hundred_thousand_parameters():
    """Diagonal plus rank 20: the trace is known by Woodbury's identity. False alarm below 1e-6."""
    d, rank, rate, batch = 100_000, 20, 0.3, 4
    rng = np.random.default_rng(0)
    diagonal, noise = np.sort(rng.uniform(0.4, 1, d)), rng.uniform(0.5, 1.5, d)
    factor = rng.standard_normal((d, rank)) * np.sqrt(2 / d)

    def hessian(block):
        return diagonal[:, None] * block + factor @ (factor.T @ block)

    H = LinearOperator((d, d), matvec=lambda v: hessian(v.reshape(-1, 1)), matmat=hessian, dtype=float)
    C = LinearOperator((d, d), matvec=lambda v: noise * v.ravel(), matmat=lambda V: noise[:, None] * V, dtype=float)
    problem = st.Quadratic(H, C, probing=Probing(tolerance=1e-6))
    law = st.stationary_law(problem, st.SGD(rate, batch))
    rest = 2 - rate * diagonal
    spread = factor / rest[:, None]
    correction = np.linalg.solve(np.eye(rank) - rate * factor.T @ spread, spread.T @ (noise[:, None] * spread))
    exact = rate / (2 * batch) * (np.sum(noise / rest) + rate * np.trace(correction))
    assert abs(law.excess_loss.value - exact) < 6 * law.excess_loss.standard_error
    assert law.excess_loss.standard_error < 0.003 * exact
    # A product with the covariance is known by the equation that it solves.
    vector = rng.standard_normal(d)
    S = law.covariance
    first, second = (S @ np.column_stack([vector, H @ vector])).T
    right = rate / batch * (C @ vector)
    assert np.linalg.norm(H @ first + second - rate * (H @ second) - right) < 1e-5 * np.linalg.norm(right)


# Refusals.


def refused_operator(matrix):
    return lambda: st.Quadratic(aslinearoperator(matrix), np.eye(len(matrix)))


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (refused_operator(np.triu(np.ones((80, 80)))), DomainError, "hessian is not symmetric"),
        (refused_operator(np.eye(80) + 1e-7 * np.eye(80, k=1)), DomainError, "hessian is not symmetric"),
        (refused_operator(np.ones((80, 70))), ShapeError, "hessian is not square"),
        (refused_operator(np.eye(80) * 1j), DomainError, "dtype complex128"),
        (refused_operator(np.eye(80, dtype=np.float16)), DomainError, "dtype float16"),
        (refused_operator(np.full((80, 80), np.nan)), NonFiniteError, "hessian is not finite"),
        (lambda: st.Quadratic(aslinearoperator(np.eye(80)), np.eye(70)), ShapeError, "noise and hessian differ"),
        (lambda: st.Quadratic(np.eye(80), aslinearoperator(-np.eye(80))), DomainError, "no covariance"),
        (lambda: st.Quadratic(aslinearoperator(np.eye(80)), np.eye(80), [1, 2]), ShapeError, "minimum and hessian"),
        (lambda: st.Quadratic(aslinearoperator(np.eye(80)), np.eye(80), probing=0.1), DomainError, "probing"),
        (lambda: st.Quadratic(np.eye(80), np.eye(80), probing=Probing()), DomainError, "probing is for operators"),
        (
            lambda: st.Quadratic(LinearOperator((80, 80), matvec=lambda v: v[:5], dtype=float), np.eye(80)),
            ShapeError,
            "product with the hessian",
        ),
        (lambda: Probing(method="lanczos"), DomainError, "unknown method"),
        (lambda: Probing(probes=1), DomainError, "probes"),
        (lambda: Probing("hutchinson", probes=15), DomainError, "at least 16"),
        (
            lambda: st.Quadratic(LinearOperator((80, 80), matvec=lambda v: 1j * v, dtype=float), np.eye(80)),
            DomainError,
            "hessian does not hold real numbers",
        ),
        (lambda: st.evaluate("quadratic.mean_trajectory", hessian=np.eye(2)), DomainError, "results['quadratic.mean"),
        (lambda: Probing(probes=True), DomainError, "probes"),
        (lambda: Probing(rtol=np.nan), NonFiniteError, "rtol"),
        (lambda: Probing(tolerance=0), DomainError, "tolerance"),
        (lambda: Probing(seed=-1), DomainError, "seed"),
    ],
)
def test_what_is_refused(make, error, words):
    with pytest.raises(error, match=re.escape(words)):
        make()


def test_rates_and_hessians_without_stationary_law_are_refused(dense):
    H, C, start = dense
    large, _ = law_pair(dense, None)
    with pytest.raises(StabilityError, match="2/2"):
        st.stationary_law(large, st.SGD(1.001, 4))
    assert st.stationary_law(large, st.SGD(0.999, 4)).excess_loss.value > 0
    few = np.linalg.eigh(H)[1][:, :150]
    singular = few @ few.T  # as for fewer samples than parameters
    with pytest.raises(DomainError, match="not positive definite"):
        st.stationary_law(st.Quadratic(aslinearoperator(singular), C), st.SGD(0.1, 4))
    gap, loss = (st.results[f"quadratic.{name}"] for name in ("generalization_gap", "stationary_excess_loss"))
    with pytest.raises(DomainError, match="not definite"):
        st.evaluate(gap, hessian=aslinearoperator(singular), noise=C, dataset_size=9)
    with pytest.raises(DomainError, match="not definite"):
        st.evaluate(loss, hessian=aslinearoperator(H), noise=C, learning_rate=1.1, batch_size=1)
    with pytest.raises(DomainError, match="learning_rate is a symbol"):
        st.stationary_law(large, st.SGD(sp.Symbol("eta", positive=True), 4)).excess_loss  # noqa: B018
    with pytest.raises(NotImplementedError, match="hand in the Hessian as an array"):
        st.evaluate(st.results["quadratic.relaxation_time"], hessian=aslinearoperator(H), learning_rate=0.1)
    for matrix in (H, aslinearoperator(H)):
        with pytest.raises(DomainError, match="probing is"):
            st.evaluate(loss, hessian=matrix, noise=C, learning_rate=0.1, batch_size=1, probing=matrix is H or 0.1)
    with pytest.raises(TypeError, match="needs learning_rate"):
        st.evaluate(loss, hessian=aslinearoperator(H), noise=C, learning_rat=0.1, batch_size=1)
    with pytest.raises(ShapeError, match="start"):
        st.transient_law(large, st.SGD(0.1, 4), start[:3], 5)


def test_what_a_covariance_multiplies_is_checked(dense):
    S = st.stationary_law(law_pair(dense, None)[0], st.SGD(0.3, 4)).covariance
    for wrong, error in (
        (np.ones(3), ShapeError),
        (np.ones((3, D)), ShapeError),
        (np.full(D, np.nan), NonFiniteError),
        (1j * np.ones(D), DomainError),
    ):
        for product in (lambda v: S @ v, S.dot, S.matvec if np.ndim(wrong) == 1 else S.matmat):
            with pytest.raises(error, match="the vector"):
                product(wrong)
    assert (S @ np.ones((D, 1))).shape == (D, 1)


def test_single_precision_is_labelled(dense):
    H, C, start = dense
    operators = [aslinearoperator(A.astype("f4")) for A in (H, C)]
    law = st.stationary_law(st.Quadratic(*operators), st.SGD(0.3, 4))
    exact = st.stationary_law(st.Quadratic(H, C), st.SGD(0.3, 4)).covariance
    assert law.excess_loss.tolerance == np.finfo("f4").eps
    assert 1e-5 < law.covariance.tolerance < 1e-4, "rounding times the condition number, 200"
    gap = np.linalg.norm(law.covariance @ start - exact @ start)
    assert gap < law.covariance.tolerance * np.linalg.norm(exact, 2) * np.linalg.norm(start)


def test_a_nan_that_comes_later_is_named(dense):
    """An operator that is fine when it is checked and fails on long vectors."""
    H, C, _ = dense

    def product(block):
        return np.where(np.linalg.norm(block, axis=0) > 50, np.nan, C @ block)

    noise = LinearOperator((D, D), matvec=lambda v: C @ v, matmat=product, dtype=float)
    law = st.stationary_law(st.Quadratic(aslinearoperator(50 * H), noise), st.SGD(0.001, 4))
    assert law.excess_loss.value > 0
    with pytest.raises(NonFiniteError, match="noise is not finite"):
        _ = law.covariance @ np.full((D, 2), 1e9)


# Parts.


@pytest.mark.parametrize("ratio", [1.5, 100.0, 1e6, 1e14])
@pytest.mark.parametrize("tolerance", [1e-3, 1e-10])
def test_shifts_reach_their_tolerance_and_are_not_too_many(ratio, tolerance):
    def worst(shifts):
        x = np.geomspace(1, ratio, 20_001)[:, None]
        return np.prod((x - shifts) / (x + shifts), axis=1).max() ** 2

    shifts = optimal_shifts(1.0, ratio, tolerance)
    assert worst(shifts) <= tolerance
    assert worst(shifts) > tolerance**2 / 16, "about as many as needed"
    assert np.all(optimal_shifts(3.0, 3.0, tolerance) == 3)


def test_conjugate_gradients_and_polynomials():
    rng = np.random.default_rng(0)
    Q = rotation(rng)
    A, B = (Q * np.linspace(1, 50, D)) @ Q.T, rng.standard_normal((D, 3))
    B[:, 1] = 0
    for sign in (1, -1):
        found = conjugate_gradients(lambda block, sign=sign: sign * A @ block, B, 1e-12)
        np.testing.assert_allclose(sign * A @ found, B, rtol=0, atol=1e-10)
    x = np.linspace(-1, 1, 99)
    series = chebyshev_series(np.exp, 1e-12)
    assert len(series) < 20
    np.testing.assert_allclose(np.polynomial.chebyshev.chebval(x, series), np.exp(x), rtol=1e-11)
    assert list(chebyshev_series(np.zeros_like, 1e-12)) == [0]
    with pytest.raises(DomainError, match="too far from a polynomial"):
        chebyshev_series(np.sign, 1e-8)


@pytest.mark.parametrize("scale", [1.0, 1e-20, 1e20])
def test_ends_of_a_spectrum(scale):
    eigenvalues = scale * np.geomspace(1e-3, 1, 3000)
    operator = as_symmetric_operator("hessian", scipy.sparse.diags_array(eigenvalues))
    assert operator.highest / scale == pytest.approx(1, rel=1e-6)
    assert operator.lowest / scale == pytest.approx(1e-3, rel=0.1)
    for reach in (operator.wide, operator.close):
        assert reach.low < eigenvalues[0] <= reach.seen_low
        assert reach.high > eigenvalues[-1]
        assert reach.seen_high <= eigenvalues[-1] * (1 + 1e-12)
    assert operator.close.low > 0
    with pytest.raises(DomainError, match="not positive definite"):
        _ = as_symmetric_operator("hessian", scipy.sparse.diags_array(eigenvalues - eigenvalues[100])).lowest


def test_arrays_do_not_load_the_sparse_part():
    code = (
        "import sys, sgdtheory as st\n"
        "st.stationary_law(st.Quadratic([[1.0]], [[1.0]]), st.SGD(0.1, 1)).covariance\n"
        "print('scipy.sparse.linalg' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
