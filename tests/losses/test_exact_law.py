"""The exact law where curvature varies, against enumeration of every batch, and symbols against numbers."""

import itertools

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as some
from sympy.stats import FiniteRV, MultivariateNormal, Normal, Poisson

import sgdtheory as st
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import moment_recursion
from sgdtheory.errors import DomainError, StabilityError

a, b, x, y, theta = sp.symbols("a b x y theta", real=True)
eta, m, D = sp.symbols("eta m D", positive=True)


def pieces(loss, values):
    """Return A and b of one sample's gradient A theta + b at values of the data, by derivatives of the loss."""
    at = loss.subs(values)
    gradient = [sp.diff(at, p) for p in (a, b)]
    curvature = [[float(sp.diff(g, p)) for p in (a, b)] for g in gradient]
    return np.array(curvature), np.array([float(g.subs({a: 0, b: 0})) for g in gradient])


def one_step(batches, rate):
    """Return the matrix of a step for (1, E[theta], E[theta theta']): a sum over all batches, no covariance in it."""
    whole = np.zeros((7, 7))
    for chance, curvature, slope in batches:
        keep, shift = np.eye(2) - rate * curvature, -rate * slope
        one = np.zeros((7, 7))
        one[0, 0], one[1:3, 0], one[1:3, 1:3] = 1, shift, keep
        one[3:, 0], one[3:, 3:] = np.outer(shift, shift).ravel(), np.kron(keep, keep)
        for k, unit in enumerate(np.eye(2)):
            cross = np.outer(keep @ unit, shift)
            one[3:, 1 + k] = (cross + cross.T).ravel()
        whole += chance * one
    return whole


def of_pairs(samples, *, replacement):
    """Return all batches of two: probability, mean A, mean b."""
    if replacement:
        chosen = itertools.product(samples, repeat=2)
        return [(p * q, (A + B) / 2, (u + w) / 2) for (p, A, u), (q, B, w) in chosen]
    pairs = list(itertools.combinations(samples, 2))
    return [(1 / len(pairs), (A + B) / 2, (u + w) / 2) for (_, A, u), (_, B, w) in pairs]


def check(problem, optimizer, batches):
    start = np.array([1.0, -2.0])
    begin = np.concatenate([[1.0], start, np.outer(start, start).ravel()])
    step = one_step(batches, optimizer.learning_rate)

    def enumerated(steps):
        after = np.linalg.matrix_power(step, steps) @ begin
        return after[1:3], after[3:].reshape(2, 2)

    for steps in (1, 2, 3):
        mean, second = enumerated(steps)
        law = st.transient_law(problem, optimizer, start, steps)
        np.testing.assert_allclose(law.mean, mean, rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(law.covariance, second - np.outer(mean, mean), rtol=1e-10, atol=1e-11)
    mean, second = enumerated(5000)
    law = st.stationary_law(problem, optimizer)
    S, H = second - np.outer(mean, mean), problem.hessian
    np.testing.assert_allclose(law.mean, mean, rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(law.covariance, S, rtol=1e-8, atol=1e-10)
    assert law.excess_loss == pytest.approx(np.trace(H @ S) / 2, rel=1e-8)
    assert law.gradient_norm_squared == pytest.approx(np.trace(H @ H @ S), rel=1e-8)


numbers = some.integers(-3, 3)


@settings(max_examples=12, deadline=None)
@given(some.lists(numbers, min_size=6, max_size=6), some.lists(numbers, min_size=3, max_size=3, unique=True))
def test_every_batch_of_a_finite_law(weights, values):
    """Curvature, slope and constant are random polynomials of two independent data symbols."""
    k, l, p, q, r, s = weights  # noqa: E741
    loss = (
        (2 + x**2 / 4) * a**2 + (2 + y) * b**2 + k * x * y * a * b / 6 + (l + p * x + q * x * y) * a + (r * y + s) * b
    )
    law_x = FiniteRV("x", {value: sp.Rational(1, 3) for value in values})
    law_y = FiniteRV("y", {-1: sp.Rational(1, 4), 1: sp.Rational(3, 4)})
    problem = st.from_loss(loss, [a, b], {x: law_x, y: law_y})
    samples = [
        (float(chance * other), *pieces(loss, {x: u, y: w}))
        for (u, chance), (w, other) in itertools.product(
            law_x.pspace.distribution.dict.items(), law_y.pspace.distribution.dict.items()
        )
    ]
    hessian = sum(chance * curvature for chance, curvature, _ in samples)
    np.testing.assert_allclose(problem.hessian, hessian, rtol=1e-12, atol=1e-14)
    check(problem, st.SGD(0.06, 2), of_pairs(samples, replacement=True))


@pytest.mark.parametrize("sampling", ["replacement", "without_replacement"])
@pytest.mark.parametrize("given_as", ["samples", "moments"])
def test_every_batch_of_a_data_set(sampling, given_as):
    """A data set as an array, and by its moments with dataset_size: the same exact law."""
    rows = np.array([[1.0, 2.0], [-0.5, 1.0], [2.0, -1.0], [0.5, 0.5], [-1.5, 3.0]])
    loss = (a * x + b - y) ** 2 / 2 + (a**2 + b**2) / 10
    data, size = {(x, y): rows}, None
    if given_as == "moments":
        powers = [(i, j) for i in range(5) for j in range(5) if 0 < i + j <= 4]
        data, size = {(x, y): {p: float((rows[:, 0] ** p[0] * rows[:, 1] ** p[1]).mean()) for p in powers}}, 5
    problem = st.from_loss(loss, [a, b], data, dataset_size=size)
    samples = [(1 / 5, *pieces(loss, {x: row[0], y: row[1]})) for row in rows]
    check(problem, st.SGD(0.2, 2, sampling=sampling), of_pairs(samples, replacement=sampling == "replacement"))


def test_a_batch_of_the_whole_data_set_is_gradient_descent():
    rows = np.array([[1.0, 2.0], [-0.5, 1.0], [2.0, -1.0]])
    problem = st.from_loss((a * x + b - y) ** 2, [a, b], {(x, y): rows})
    law = st.stationary_law(problem, st.SGD(0.1, 3, sampling="without_replacement"))
    assert np.abs(law.covariance).max() < 1e-30
    limit = st.stability_limit(problem, 3, kind="mean_square", sampling="without_replacement")
    assert limit == pytest.approx(st.stability_limit(problem, 3, kind="mean"), rel=1e-12)


def problem_with_symbols():
    """Poisson counts and a Gaussian error; the gradient noise has a part that is linear in theta."""
    return st.from_loss((a * x + b - y) ** 2 / 2, [a, b], {x: Poisson("x", 1), y: Normal("y", 1, sp.Symbol("s"))})


def test_symbols_give_what_numbers_give():
    """The recursion found by machine in symbols, at numbers, is the linear algebra of NumPy."""
    stated, optimizer = problem_with_symbols(), st.SGD(0.1, 3)
    numeric, start = stated.at({"s": 2}), [0.5, 2.0]
    assert numeric.gradient_noise.coupling.any() or numeric.gradient_noise.spread.any()
    for steps in (None, 0, 1, 4):
        if steps is None:
            symbolic, plain = st.stationary_law(stated, optimizer), st.stationary_law(numeric, optimizer)
        else:
            symbolic = st.transient_law(stated, optimizer, sp.Matrix([sp.Rational(1, 2), 2]), steps)
            plain = st.transient_law(numeric, optimizer, start, steps)
        for name in ("mean", "covariance", "excess_loss", "gradient_norm_squared"):
            found = np.array(sp.Matrix([getattr(symbolic, name)]).subs(sp.Symbol("s"), 2).tolist(), dtype=float)
            np.testing.assert_allclose(found.squeeze(), np.squeeze(getattr(plain, name)), rtol=1e-11, atol=1e-14)


def test_knobs_in_symbols_for_a_problem_in_numbers():
    numeric = problem_with_symbols().at({"s": 2})
    law, known = st.stationary_law(numeric, st.SGD(eta, m)), st.stationary_law(numeric, st.SGD(0.1, 3))
    for name in ("mean", "covariance", "excess_loss", "gradient_norm_squared"):
        value = sp.Matrix([getattr(law, name)]).subs({eta: sp.Rational(1, 10), m: 3})
        found = np.squeeze(np.array(value.tolist(), dtype=float))
        np.testing.assert_allclose(found, np.squeeze(getattr(known, name)), rtol=1e-11)
    start = sp.Matrix([sp.Symbol("u"), 2])
    law = st.transient_law(numeric, st.SGD(0.1, 3), start, 2)
    plain = st.transient_law(numeric, st.SGD(0.1, 3), [0.5, 2.0], 2)
    assert float(law.mean[0].subs(sp.Symbol("u"), 0.5)) == pytest.approx(plain.mean[0], rel=1e-12)


def test_against_the_recursion_of_the_algebra():
    """In one dimension, for any first four moments: the recursion read off the step theta - eta (a theta + b)."""
    q1, q2, q3, q4, r1, r2 = sp.symbols("q1 q2 q3 q4 r1 r2", real=True)
    data = {x: {1: q1, 2: q2, 3: q3, 4: q4}, y: {1: r1, 2: r2}}
    problem = st.from_loss((theta * x - y) ** 2 / 2, theta, data)
    law = st.stationary_law(problem, st.SGD(eta, 1))

    def expect(expression):
        """Expectation over one sample, monomial by monomial."""
        powers = {x: {0: 1, 1: q1, 2: q2, 3: q3, 4: q4}, y: {0: 1, 1: r1, 2: r2}}
        terms = sp.Poly(expression, x, y).terms()
        return sum(coefficient * powers[x][i] * powers[y][j] for (i, j), coefficient in terms)

    found = moment_recursion([theta - eta * x * (theta * x - y)], [theta], expect).stationary()
    assert sp.simplify(law.mean[0] - found[theta]) == 0
    assert sp.simplify(law.covariance[0] - (found[theta**2] - found[theta] ** 2)) == 0


def test_symbolic_number_of_steps():
    problem = st.from_loss((theta * x - y) ** 2 / 2, theta, {x: Normal("x", 0, 1), y: Normal("y", 0, sp.Symbol("s"))})
    t = sp.Symbol("t", integer=True, nonnegative=True)
    law = st.transient_law(problem, st.SGD(sp.Rational(1, 4), 2), [3], t)
    for steps in (0, 1, 5):
        plain = st.transient_law(problem, st.SGD(sp.Rational(1, 4), 2), [3], steps)
        assert sp.simplify(law.covariance[0].subs(t, steps) - plain.covariance[0]) == 0
        assert law.mean[0].subs(t, steps) == plain.mean[0] == 3 * sp.Rational(3, 4) ** steps


def test_mean_square_limit_is_where_the_recursion_stops_contracting():
    problem = problem_with_symbols().at({"s": 2})
    limit = st.stability_limit(problem, 3, kind="mean_square")
    assert limit < st.stability_limit(problem, 3, kind="mean")
    below = st.stationary_law(problem, st.SGD(limit * (1 - 1e-6), 3)).settling_factor
    assert 1 - 1e-4 < below < 1
    above = st.transient_law(problem, st.SGD(limit * (1 + 1e-6), 3), [0, 0], 1).settling_factor
    assert 1 < above < 1 + 1e-4
    with pytest.raises(StabilityError, match="second moment"):
        st.stationary_law(problem, st.SGD(limit, 3))


def test_covariance_of_the_gradient_from_its_definition():
    """Gaussian data with a mean: C(theta) is E[g g'] - E[g] E[g]', by the moments of the algebra."""
    mu, v, s = sp.symbols("mu v s", real=True)
    law = {(x, y): sp.stats.MultivariateNormal("z", [mu, 1], [[v, s], [s, 3]])}
    loss = (a * x + b * x * y - y) ** 2 / 2 + a * b
    problem = st.from_loss(loss, [a, b], law)
    g = [sp.expand(sp.diff(loss, p)) for p in (a, b)]
    means, pairs = {x: mu, y: 1}, {(x, x): v, (x, y): s, (y, y): 3}

    def mean(expression):
        return expectation(sp.expand(expression), means, pairs, higher="gaussian")

    point = {mu: 2, v: 3, s: sp.Rational(1, 2), a: sp.Rational(2, 3), b: -5}
    found = problem.noise_at([a, b]).subs(point)
    for i, j in ((0, 0), (0, 1), (1, 1)):
        assert found[i, j] == (mean(g[i] * g[j]) - mean(g[i]) * mean(g[j])).subs(point)


def test_compare_says_how_long_to_run():
    """Near the mean-square limit the second moment settles slower than the mean, and the advice knows it."""
    problem = st.from_loss((theta * x - y) ** 2 / 2, theta, {x: Normal("x", 0, 1), y: Normal("y", 0, 1)})
    optimizer = st.SGD(0.9 * st.stability_limit(problem, 4, kind="mean_square"), 4)
    law = st.stationary_law(problem, optimizer)
    assert law.settling_factor == pytest.approx(1 - 2 * (r := optimizer.learning_rate) + r**2 * (1 + 2 / 4))
    with pytest.raises(st.SGDTheoryError, match="not stationary yet") as error:
        st.compare(law, st.simulate(problem, optimizer, 5, 5000, start=[3.0], seed=1))
    needed = int(error.value.allowed.split()[1])
    assert 10 < needed < 100


def test_a_system_that_is_too_long_in_symbols_is_refused_at_once():
    """Three correlated features with six symbols would not end; with numbers, or uncorrelated, they do."""
    c, z, u = sp.symbols("c z u", real=True)
    second = sp.Matrix(3, 3, lambda i, j: sp.Symbol(f"q{min(i, j)}{max(i, j)}"))
    loss = (a * x + b * y + c * z - u) ** 2 / 2
    noise = {u: Normal("u", 0, 1)}
    problem = st.from_loss(loss, [a, b, c], {(x, y, z): MultivariateNormal("v", [0] * 3, second)} | noise)
    law = st.stationary_law(problem, st.SGD(eta, 2))
    with pytest.raises(DomainError, match="3 coupled parameters with eta, q00, q01"):
        law.covariance  # noqa: B018
    with pytest.raises(DomainError, match="too long to be solved in symbols"):
        problem.derivation()
    scales = sp.symbols("r s t", positive=True)
    apart = {symbol: Normal(symbol.name, 0, scale) for symbol, scale in zip((x, y, z), scales, strict=True)}
    law = st.stationary_law(st.from_loss(loss, [a, b, c], apart | noise), st.SGD(eta, 2))
    # With unit scales the covariance is s times the identity, 2 s = eta (s + ((d + 2) s - s + 1) / 2) and d = 3.
    by_hand = eta / (4 - 6 * eta)
    assert sp.cancel(law.covariance[0, 0].subs(dict.fromkeys(scales, 1)) - by_hand) == 0
