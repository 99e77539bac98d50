"""Laws with a preconditioner: against enumerated steps with the matrix itself, in every kind of numbers."""

import numpy as np
import pytest
import sympy as sp

import sgdtheory as st
from sgdtheory.data import load_dataset
from sgdtheory.errors import DomainError, NonFiniteError, ShapeError, StabilityError

RATE, START = 0.1, np.array([1.0, -1.0])
P = np.array([[1.0, 0.4], [0.4, 0.5]])
X = np.array([[1.0, 0.5], [-0.5, 1.5], [2.0, -1.0], [0.25, 0.75], [-1.0, -1.0]])
Y = np.array([1.0, 0.0, 2.0, -1.0, 0.5])
QUADRATIC = st.Quadratic([[2.0, 0.3], [0.3, 1.0]], [[1.0, 0.5], [0.5, 2.0]], [1.0, 2.0], dataset_size=50)
MOMENTUM = [{}, {"momentum": 0.5}, {"momentum": 0.5, "nesterov": True}]


def curvatures(ridge):
    return X[:, :, None] * X[:, None, :] + ridge * np.eye(2)


def walked(ridge, steps, *, preconditioner=P, momentum=0.0, nesterov=False):
    """Return mean and covariance of (theta, velocity) after steps of batches of one, each sample gone through."""
    moved = np.zeros((25, 25))
    for curvature, slope in zip(curvatures(ridge), Y[:, None] * X, strict=True):
        gradient = np.hstack([-slope[:, None], curvature, np.zeros((2, 2))])
        velocity = gradient + momentum * np.eye(5)[3:]
        direction = gradient + momentum * velocity if nesterov else velocity
        step = np.eye(5)
        step[1:3] -= RATE * preconditioner @ direction
        step[3:] = velocity
        moved += np.kron(step, step) / len(X)
    state = np.array([1.0, *START, 0.0, 0.0])
    second = (np.linalg.matrix_power(moved, steps) @ np.kron(state, state)).reshape(5, 5)
    return second[0, 1:], second[1:, 1:] - np.outer(second[0, 1:], second[0, 1:])


@pytest.mark.parametrize("words", MOMENTUM, ids=["plain", "heavy ball", "nesterov"])
@pytest.mark.parametrize("ridge", [0.0, 0.2])
def test_the_law_is_that_of_steps_with_the_matrix(ridge, words):
    problem, optimizer = st.LeastSquares(X, Y, ridge), st.SGD(RATE, 1, **words)
    for steps in (1, 3):
        law = st.transient_law(problem, optimizer, START, steps, preconditioner=P)
        mean, covariance = walked(ridge, steps, **words)
        np.testing.assert_allclose(law.mean, mean[:2], rtol=1e-12)
        np.testing.assert_allclose(law.covariance, covariance[:2, :2], rtol=1e-11, atol=1e-15)
    law, (_, covariance) = st.stationary_law(problem, optimizer, preconditioner=P), walked(ridge, 4000, **words)
    np.testing.assert_allclose(law.covariance, covariance[:2, :2], rtol=1e-10)
    H = problem.hessian
    assert law.excess_loss == pytest.approx(np.trace(H @ covariance[:2, :2]) / 2, rel=1e-10)
    assert law.gradient_norm_squared == pytest.approx(np.trace(H @ H @ covariance[:2, :2]), rel=1e-10)
    np.testing.assert_array_equal(law.mean, problem.minimum)
    if words:
        np.testing.assert_allclose(law.velocity_covariance, covariance[2:, 2:], rtol=1e-10)


def test_other_problems_give_the_same_law():
    optimizer, ridge = st.SGD(RATE, 1), 0.2
    wanted = st.stationary_law(st.LeastSquares(X, Y, ridge), optimizer, preconditioner=P)
    sums = st.QuadraticSums(curvatures(ridge), Y[:, None] * X)
    a, b, x, z, y = sp.symbols("a b x z y")
    loss = (x * a + z * b - y) ** 2 / 2 + (a**2 + b**2) / 10
    stated = st.from_loss(loss, [a, b], {(x, z, y): np.column_stack([X, Y])})
    for problem in (sums, stated):
        law = st.stationary_law(problem, optimizer, preconditioner=P)
        np.testing.assert_allclose(law.covariance, wanted.covariance, rtol=1e-11)
        later = st.transient_law(problem, optimizer, START, 3, preconditioner=P)
        np.testing.assert_allclose(later.covariance, walked(ridge, 3)[1][:2, :2], rtol=1e-11)


def test_gaussian_features_and_injected_noise():
    H, variance = np.array([[1.0, 0.2], [0.2, 0.5]]), 0.7
    law = st.stationary_law(st.GaussianFeatures(H, variance), st.SGLD(RATE, 2, 0.3), preconditioner=P)
    S, A = law.covariance, np.eye(2) - RATE * P @ H
    spread = H @ S @ H + np.trace(H @ S) * H  # Isserlis
    back = A @ S @ A.T + RATE**2 * P @ (variance * H + spread) @ P / 2 + 2 * RATE * 0.3 * P
    np.testing.assert_allclose(back, S, rtol=1e-12)


def test_a_vector_is_a_diagonal_and_the_identity_changes_nothing():
    problem, optimizer = st.LeastSquares(X, Y), st.SGD(RATE, 2)
    one, other = (st.stationary_law(problem, optimizer, preconditioner=p) for p in ([0.5, 2.0], np.diag([0.5, 2.0])))
    np.testing.assert_allclose(one.covariance, other.covariance, rtol=1e-13)
    plain = st.stationary_law(problem, optimizer)
    same = st.stationary_law(problem, optimizer, preconditioner=np.eye(2))
    np.testing.assert_allclose(same.covariance, plain.covariance, rtol=1e-13)
    twice = st.stationary_law(problem, st.SGD(RATE / 2, 2), preconditioner=[2.0, 2.0])
    np.testing.assert_allclose(twice.covariance, plain.covariance, rtol=1e-12)
    assert one.contraction_rate < 1
    assert one.autocovariance(0) == pytest.approx(one.covariance)
    lagged = (np.eye(2) - RATE * np.diag([0.5, 2.0]) @ problem.hessian) @ one.covariance
    np.testing.assert_allclose(one.autocovariance(1), lagged, rtol=1e-11)


def test_shuffled_epochs():
    problem, optimizer = st.LeastSquares(X, Y, 0.1), st.SGD(RATE, 2, sampling="reshuffle")
    root = np.linalg.cholesky(P)
    plain = st.QuadraticSums(root.T @ curvatures(0.1) @ root, Y[:, None] * X @ root)
    law, turned = st.stationary_law(problem, optimizer, preconditioner=P), st.stationary_law(plain, optimizer)
    for phase in (0, 1):
        there, here = turned.at_phase(phase), law.at_phase(phase)
        np.testing.assert_allclose(here.covariance, root @ there.covariance @ root.T, rtol=1e-11)
        np.testing.assert_allclose(here.mean, root @ there.mean, rtol=1e-11)


SHUFFLED = st.LeastSquares(np.vstack([X, [[0.5, 1.0]]]), [*Y, 1.0])


@pytest.mark.parametrize("steps", [91, 92])
def test_shuffled_runs_agree_with_the_law_at_their_phase(steps):
    """Twice half of the rate is the rate. Statistics: false alarms 1e-6; phase 0 is 45 standard errors off."""
    run = st.simulate(SHUFFLED, st.SGD(2 * RATE, 2, sampling="reshuffle"), steps=steps, replicas=2000)
    law = st.stationary_law(SHUFFLED, st.SGD(RATE, 2, sampling="reshuffle"), preconditioner=[2.0, 2.0])
    assert st.compare(law, run).passed
    assert (law.phase, law.batches) == (0, 3)


def test_shuffled_laws_say_where_they_look():
    law = st.stationary_law(SHUFFLED, st.SGD(RATE, 2, sampling="reshuffle"), preconditioner=[2.0, 2.0])
    run = st.simulate(SHUFFLED, st.SGD(2 * RATE, 2, sampling="reshuffle"), steps=3000, replicas=100, time_average=True)
    assert st.compare(law, run).passed
    assert repr(law).endswith("stationary, at the end of an epoch, preconditioned>")
    assert repr(law.at_phase(1)).endswith("1 batches into an epoch, preconditioned>")
    assert repr(law.averaged()).endswith("averaged over an epoch, preconditioned>")
    later = st.transient_law(QUADRATIC, st.SGD(RATE, 5, sampling="reshuffle"), START, 3, preconditioner=P)
    assert repr(later).endswith("after 3 steps, preconditioned>")
    assert not hasattr(st.stationary_law(SHUFFLED, st.SGD(RATE, 2), preconditioner=[2.0, 2.0]), "phase")


def test_a_number_stands_for_one_parameter():
    problem, optimizer = st.Quadratic(2, 3), st.SGD(RATE, 4)
    assert problem.hessian.shape == problem.noise.shape == (1, 1)
    (wanted,) = st.stationary_law(problem, st.SGD(3 * RATE, 4)).covariance[0]
    for three in (3, 3.0, [3], [[3]]):
        found = st.stationary_law(problem, optimizer, preconditioner=three).covariance
        assert found[0, 0] == pytest.approx(wanted, rel=1e-13)


def test_a_preconditioner_that_spreads_good_curvatures_too_far_is_named():
    with pytest.raises(DomainError, match="preconditioner spreads"):
        st.stationary_law(QUADRATIC, st.SGD(1e-9, 4), preconditioner=[1e-9, 1e8])
    st.stationary_law(QUADRATIC, st.SGD(1e-4, 4), preconditioner=[1e-6, 1e3])
    saddle = st.Quadratic(np.diag([1.0, -1.0]), np.eye(2))
    with pytest.raises(DomainError, match="the Hessian is not positive definite"):
        st.stationary_law(saddle, st.SGD(1e-9, 4), preconditioner=[1e-9, 1e8])
    stiff = st.Quadratic(np.diag([1e-9, 1e9]), np.eye(2))  # this preconditioner mends it
    law = st.stationary_law(stiff, st.SGD(RATE, 1), preconditioner=[1e9, 1e-9])
    np.testing.assert_allclose(law.covariance, RATE / (2 - RATE) * np.diag([1e18, 1e-18]), rtol=1e-12)


def test_symbols_that_cannot_be_positive_are_refused():
    a, b = sp.symbols("a b", positive=True)
    problem = st.Quadratic(sp.diag(1, 2), sp.eye(2))
    optimizer = st.SGD(sp.Rational(1, 10), 4)
    c, zero = sp.Symbol("c"), sp.Symbol("z", zero=True)
    singular = sp.Matrix([[1, 1 / (1 + a)], [1 / (1 + a), 1 / (1 + a) ** 2]])
    for bad in ([-a, b], [a, zero], sp.diag(a, -b), sp.Matrix([[a, a], [a, a]]), sp.Matrix([[c, c], [c, c]]), singular):
        with pytest.raises(DomainError, match="the preconditioner is not positive definite"):
            st.stationary_law(problem, optimizer, preconditioner=bad)
    assert st.stationary_law(problem, optimizer, preconditioner=[c, b]).covariance[0, 0].has(c)


def test_symbols_and_jax():
    h1, h2, c1, c2, c, p1, p2, eta, m = sp.symbols("h1 h2 c1 c2 c p1 p2 eta m", positive=True)
    problem = st.Quadratic(sp.diag(h1, h2), sp.Matrix([[c1, c], [c, c2]]))
    S = st.stationary_law(problem, st.SGD(eta, m), preconditioner=sp.Matrix([p1, p2])).covariance
    expected = eta * p1 * p2 * c / (m * (h1 * p1 + h2 * p2 - eta * h1 * h2 * p1 * p2))
    assert sp.simplify(S[0, 1] - expected) == 0
    assert not S.has(sp.sqrt(p1))
    jax = pytest.importorskip("jax")
    import jax.numpy as jnp

    turned = st.Quadratic(jnp.array([[2.0]]), jnp.array([[3.0]]))

    def variance(p):
        return st.stationary_law(turned, st.SGD(0.1, 4), preconditioner=p[None]).covariance[0, 0]

    # V = eta p c / (m h (2 - eta p h)): its slope in p at one
    slope = jax.jit(jax.grad(variance))(jnp.array(1.0))
    assert float(slope) == pytest.approx(0.1 * 3 / 8 * 2 / 1.8**2, rel=1e-5)


def test_the_posterior_of_real_data_is_reached():
    data = load_dataset("diabetes")
    problem = st.LeastSquares(data.X, data.y)
    step = st.posterior_step(problem, batch_size=8, noise_variance=2 * problem.loss(problem.minimum))
    law = st.stationary_law(problem, st.SGD(1.0, 8), preconditioner=step.preconditioner)
    np.testing.assert_allclose(law.covariance, step.covariance, rtol=1e-9, atol=1e-9 * step.covariance.max())


def test_stability_limits():
    values = np.linalg.eigvals(P @ QUADRATIC.hessian).real
    assert st.stability_limit(QUADRATIC, 8, preconditioner=P) == pytest.approx(2 / values.max(), rel=1e-12)
    problem = st.LeastSquares(X, Y)
    limit = st.stability_limit(problem, 1, preconditioner=P)
    st.stationary_law(problem, st.SGD(0.999 * limit, 1), preconditioner=P)
    with pytest.raises(StabilityError):
        st.stationary_law(problem, st.SGD(1.001 * limit, 1), preconditioner=P)


def test_what_is_refused():
    optimizer = st.SGD(RATE, 4)
    for bad, error in (
        (np.array([[1.0, 2.0], [0.0, 1.0]]), DomainError),
        (-P, DomainError),
        (np.array([[1.0, 2.0], [2.0, 1.0]]), DomainError),
        (np.ones((2, 2)), DomainError),
        ([1.0, 0.0], DomainError),
        ("P", DomainError),
        (sp.Matrix([1, 2]), DomainError),
        (np.ones(3), ShapeError),
        (np.eye(3), ShapeError),
        (np.ones((2, 3)), ShapeError),
        (2.0, ShapeError),
        (np.nan * P, NonFiniteError),
    ):
        for verb in (
            lambda p: st.stationary_law(QUADRATIC, optimizer, preconditioner=p),
            lambda p: st.transient_law(QUADRATIC, optimizer, START, 3, preconditioner=p),
            lambda p: st.stability_limit(QUADRATIC, 4, preconditioner=p),
        ):
            with pytest.raises(error):
                verb(bad)
    with pytest.raises(StabilityError):
        st.stationary_law(QUADRATIC, st.SGD(1.2, 4), preconditioner=P)
