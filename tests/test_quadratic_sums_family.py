"""Momentum on samples that differ in their curvature: what the pages say, against enumeration and the moment engine."""

from itertools import product

import numpy as np
import pytest
import sympy as sp
from scipy.linalg import sqrtm

import sgdtheory as st
from sgdtheory.algebra.identities import is_zero
from sgdtheory.catalogue import results
from sgdtheory.numeric.evaluate import evaluate
from sgdtheory.processes.update import update
from sgdtheory.symbols import eta, lambda_, mu, p, v

KINDS = {"momentum": False, "nesterov": True}


def family(name, **words):
    return evaluate(results[f"quadratic_sums.{name}"], **words)


def second_moments(maps, drives):
    """Return the stationary E[z z'] of z' = A z + b for equally likely pairs, (s, s)."""
    s = len(maps[0])
    whole = sum(np.kron(A, A) for A in maps) / len(maps)
    source = sum(np.kron(b, b) for b in drives) / len(drives)
    return np.linalg.solve(np.eye(s * s) - whole, source).reshape(s, s)


def step_of(H, g, rate, momentum, nesterov):
    """Return the map and the drive of a step of (x, v) on one batch, from the update itself; the rate may be a matrix.

    A matrix rate multiplies the gradient: the state then holds the velocity times the rate.
    """
    d, matrix = len(H), rate * np.eye(len(H)) if np.isscalar(rate) else rate
    knobs = {"learning_rate": 1.0, "momentum": momentum, "nesterov": nesterov}

    def moved(z, slope):
        return np.concatenate(update(z[:d], z[d:], matrix @ slope, **knobs))

    A = np.array([moved(unit, H @ unit[:d]) for unit in np.eye(2 * d)]).T
    return A, moved(np.zeros(2 * d), g)


@pytest.fixture(scope="module")
def shared():
    """Return the curvatures (n, d) and gradients (n, d) of samples that share three eigenvectors, and these."""
    draws = np.random.default_rng(3)
    h, g = draws.uniform(0.2, 2.5, (5, 3)), draws.standard_normal((5, 3))
    return h, g - g.mean(axis=0), np.linalg.qr(draws.standard_normal((3, 3)))[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_pair_of_shared_modes_is_that_of_the_moment_engine(shared, kind):
    h, g, V = shared
    problem = st.QuadraticSums(np.einsum("ia,na,ja->nij", V, h, V), g @ V.T)
    law = st.stationary_law(problem, st.SGD(0.3, 2, momentum=0.4, nesterov=KINDS[kind]))
    found = V.T @ law.covariance @ V
    spread, noise = np.cov(h.T, bias=True), np.cov(g.T, bias=True)
    for i, j in product(range(3), repeat=2):
        words = {"first_curvature": h[:, i].mean(), "second_curvature": h[:, j].mean()}
        words |= {"curvature_covariance": spread[i, j], "gradient_covariance": noise[i, j]}
        value = family(f"mode_covariance_{kind}", learning_rate=0.3, momentum=0.4, batch_share=0.5, **words)
        assert found[i, j] == pytest.approx(value, rel=1e-10)


def test_nesterovs_iterates_and_points_by_enumeration(shared):
    h, g, _ = shared
    rate, momentum, batches = 0.3, 0.4, list(product(range(5), repeat=2))
    means = [(h[list(batch), :2].mean(axis=0), g[list(batch), :2].mean(axis=0)) for batch in batches]
    pairs = [step_of(np.diag(curvature), slope, rate, momentum, True) for curvature, slope in means]
    both = second_moments(*zip(*pairs, strict=True))
    iterate = np.hstack([np.eye(2), momentum * np.eye(2)])  # the state holds the rate times the velocity
    words = {
        "learning_rate": rate,
        "momentum": momentum,
        "batch_share": 0.5,
        "first_curvature": h[:, 0].mean(),
        "second_curvature": h[:, 1].mean(),
        "curvature_covariance": np.cov(h.T, bias=True)[0, 1],
        "gradient_covariance": np.cov(g.T, bias=True)[0, 1],
    }
    assert family("mode_covariance_nesterov", **words) == pytest.approx(both[0, 1], rel=1e-12)
    assert family("mode_iterate_covariance_nesterov", **words) == pytest.approx(
        (iterate @ both @ iterate.T)[0, 1], rel=1e-12
    )


@pytest.mark.parametrize("kind", KINDS)
def test_a_matrix_rate_on_samples_that_differ_in_their_curvature(kind):
    """In the coordinates P^(-1/2) theta it is a sum of quadratics again; P commutes with no sample."""
    draws = np.random.default_rng(8)
    roots, P = draws.standard_normal((3, 2, 2)), np.array([[0.15, 0.05], [0.05, 0.08]])
    A, b = roots @ roots.swapaxes(1, 2) + 0.2 * np.eye(2), draws.standard_normal((3, 2))
    rest = np.linalg.solve(A.mean(axis=0), b.mean(axis=0))
    pairs = [step_of(H, H @ rest - s, P, 0.4, KINDS[kind]) for H, s in zip(A, b, strict=True)]
    exact = second_moments(*zip(*pairs, strict=True))[:2, :2]
    root = np.real(sqrtm(P))
    turned = st.QuadraticSums(root @ A @ root, b @ root)
    law = st.stationary_law(turned, st.SGD(1.0, 1, momentum=0.4, nesterov=KINDS[kind]))
    assert np.allclose(root @ law.covariance @ root, exact, rtol=1e-10, atol=0)


def test_what_the_pages_say_of_the_limits():
    limit = results["quadratic_sums.mean_square_stability_limit_nesterov"].value
    equal = limit.subs({v: 0, mu: sp.Rational(2, 5), lambda_: 3})
    assert sp.simplify(equal - 2 * (1 + mu).subs(mu, sp.Rational(2, 5)) / ((1 + sp.Rational(4, 5)) * 3)) == 0
    unequal = sp.limit((limit * p * v).subs({mu: sp.Rational(2, 5), lambda_: 3, p: 2}), v, sp.oo)
    assert unequal == 2 * (1 - sp.Rational(2, 5)) * 3
    exact, small = (results[f"quadratic_sums.stationary_variance_momentum{end}"].value for end in ("", "_diffusion"))
    said = 1 / (1 - eta * lambda_ / (2 * (1 + mu)) - eta * p * v / (2 * lambda_ * (1 - mu)))
    assert is_zero(exact / small - said)
    velocity = results["quadratic_sums.velocity_variance_momentum"].value
    assert is_zero(velocity / exact - 2 * lambda_ / (eta * (1 + mu)))


@pytest.mark.parametrize("momentum", [0.2, 0.6, 0.95])
@pytest.mark.parametrize("spread", [0.1, 1.0, 30.0])
def test_every_rate_below_nesterovs_limit_is_stable_in_one_dimension(momentum, spread):
    words = {"momentum": momentum, "batch_share": 1.0, "curvature": 1.0, "curvature_spread": spread}
    limit = family("mean_square_stability_limit_nesterov", **words)

    def radius(rate):
        ends = (1 - spread**0.5, 1 + spread**0.5)
        maps = [step_of(np.array([[h]]), np.zeros(1), rate, momentum, True)[0] for h in ends]
        return np.abs(np.linalg.eigvals(sum(np.kron(A, A) for A in maps) / 2)).max()

    assert radius(limit) == pytest.approx(1, abs=1e-9)
    assert max(radius(limit * share) for share in np.linspace(0.01, 0.999, 60)) < 1
    assert radius(1.001 * limit) > 1


def sharpness_at_the_limit(curvatures, momentum):
    """Return, for one sample a batch, E[s h s]/E[s h x] of the step s = mu v + h x at the limit, over 2 / rate."""
    h = np.array(curvatures)
    words = {"curvature": h.mean(), "curvature_spread": h.var(), "batch_share": 1.0, "momentum": momentum}
    rate = family("mean_square_stability_limit_momentum", **words)
    maps = [step_of(np.array([[k]]), np.zeros(1), rate, momentum, False)[0] for k in h]
    values, vectors = np.linalg.eig(sum(np.kron(A, A) for A in maps) / len(maps))
    leading = np.argmax(values.real)
    assert values[leading] == pytest.approx(1, abs=1e-9)
    S = vectors[:, leading].real.reshape(2, 2)
    steps = [np.array([k, momentum / rate]) for k in h]  # the state holds the rate times the velocity
    along = sum(k * s @ S @ s for k, s in zip(h, steps, strict=True))
    return rate / 2 * along / sum(k * s @ S[:, 0] for k, s in zip(h, steps, strict=True))


def test_batch_sharpness_says_nothing_of_the_limit_with_momentum():
    """Without momentum it is at least 2 / rate there; with momentum it lies on either side: hence the refusal."""
    even, skewed = (0.1, 1.9), (0.5,) * 9 + (5.0,)
    assert sharpness_at_the_limit(even, 0.0) > 1.04
    assert sharpness_at_the_limit(skewed, 0.0) > 1.5
    assert sharpness_at_the_limit(even, 0.5) < 0.8
    assert sharpness_at_the_limit(skewed, 0.5) > 1.05
    problem = st.QuadraticSums(np.array(even)[:, None, None], np.zeros((2, 1)))
    with pytest.raises(NotImplementedError, match="bounds nothing"):
        st.stability_limit(problem, 1, momentum=0.5, kind="batch_sharpness")
