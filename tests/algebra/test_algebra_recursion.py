"""Linear recursions, and those of a process's moments, against enumeration of paths, eigenvalues and known results."""

import itertools
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from sgdtheory.algebra.batches import batch_cumulant
from sgdtheory.algebra.exponential_sums import solved, solved_jointly, written
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, course, fixed_point, moment_recursion
from sgdtheory.algebra.square_roots import RootField, SquareRoots
from sgdtheory.algebra.stability import inside_unit_circle, no_real_root_from_one, positivity
from sgdtheory.errors import DomainError
from sgdtheory.numeric.recursion import moments
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.forms import STATIONARY, Arm, Branch
from sgdtheory.processes.process import point
from sgdtheory.processes.update import update
from sgdtheory.symbols import C_ii, C_ij, C_jj, delta_i, delta_j, eta, lambda_, lambda_i, lambda_j, m, t

PROFILE = settings(derandomize=True, deadline=None, database=None, max_examples=40)
FEWER = settings(PROFILE, max_examples=20)
x, y, v, n, n_i, n_j = sp.symbols("x y v n n_i n_j", real=True)
h, spread, C = sp.symbols("h spread C", positive=True)
mu = sp.Symbol("mu", real=True)

fraction = some.fractions(min_value=-4, max_value=4, max_denominator=5).map(
    lambda f: sp.Rational(f.numerator, f.denominator)
)
small = some.fractions(min_value=-1, max_value=1, max_denominator=3)
outcomes = some.lists(some.lists(small, min_size=6, max_size=6), min_size=1, max_size=3)


@PROFILE
@given(fraction, fraction, fraction, some.integers(0, 7))
def test_course_and_fixed_point_are_the_iterated_recursion(factor, added, start, steps):
    if factor == 1:
        return
    value = start
    for _ in range(steps):
        value = factor * value + added
    assert course(factor, added, start, sp.Integer(steps)) == value
    limit = fixed_point(factor, added)
    assert factor * limit + added == limit


def test_coefficients_refuse_what_is_not_affine():
    assert coefficients(3 * x * y + 2 * y + 1, x) == (3 * y, 2 * y + 1)
    assert coefficients(y, x) == (0, y)
    for expression in (x**2 + 1, sp.sin(x), 1 / x):
        with pytest.raises(DomainError, match="not affine"):
            coefficients(expression, x)


# Random affine steps z' = A z + b, (A, b) drawn from a finite law: the recursion against all paths, with fractions.

ENTRIES = sp.symbols("a00 a01 b0 a10 a11 b1", real=True)


def random_affine(law, degree=2):
    """Return the recursion of a two-dimensional affine step whose coefficients have this law, equally likely rows."""
    a00, a01, b0, a10, a11, b1 = ENTRIES

    def expect(expression):
        places = [[sp.Rational(f.numerator, f.denominator) for f in row] for row in law]
        return sum(expression.xreplace(dict(zip(ENTRIES, place, strict=True))) for place in places) / len(places)

    return moment_recursion([a00 * x + a01 * y + b0, a10 * x + a11 * y + b1], [x, y], expect, degree=degree)


def stepped(state, row):
    return (row[0] * state[0] + row[1] * state[1] + row[2], row[3] * state[0] + row[4] * state[1] + row[5])


@FEWER
@given(outcomes, some.tuples(small, small), some.integers(1, 3), some.integers(1, 3))
def test_transient_moments_are_the_averages_over_all_paths(law, start, steps, degree):
    """Would catch a product expanded wrongly, noise averaged factor by factor, and a wrong order of moments."""
    recursion = random_affine(law, degree)
    ends = []
    for path in itertools.product(law, repeat=steps):
        state = start
        for row in path:
            state = stepped(state, row)
        ends.append(state)
    found = recursion.transient({x: start[0], y: start[1]}, steps)
    ordered = (x, y, x**2, x * y, y**2, x**3, x**2 * y, x * y**2, y**3)
    assert tuple(found) == ordered[: {1: 2, 2: 5, 3: 9}[degree]]
    for moment, value in found.items():
        powers = moment.as_powers_dict()
        wanted = sum(end[0] ** int(powers[x]) * end[1] ** int(powers[y]) for end in ends) / len(ends)
        assert value == sp.Rational(wanted.numerator, wanted.denominator)


@FEWER
@given(outcomes)
def test_stationary_moments_stay_as_they_are(law):
    """In fractions, by averaging the stepped moments over the law; the covariance from the same numbers."""
    recursion = random_affine(law)
    try:
        values = recursion.stationary()
    except DomainError:
        assert (sp.eye(recursion.matrix.rows) - recursion.matrix).det() == 0
        return
    p = {k: Fraction(int(value.p), int(value.q)) for k, value in values.items()}
    rows = [[(row[0], row[1], row[2]), (row[3], row[4], row[5])] for row in law]
    one = (x, y, sp.Integer(1))
    p[one[2]] = Fraction(1)
    for moment, places in ((x, (0,)), (y, (1,)), (x**2, (0, 0)), (x * y, (0, 1)), (y**2, (1, 1))):
        total = Fraction(0)
        for row in rows:
            for pick in itertools.product(range(3), repeat=len(places)):
                weight = Fraction(1)
                for place, column in zip(places, pick, strict=True):
                    weight *= row[place][column]
                total += weight * p[sp.prod([one[column] for column in pick])]
        assert p[moment] == total / len(law)
    S = recursion.covariance(values)
    assert S[0, 1] == S[1, 0] == values[x * y] - values[x] * values[y]


@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("kind", ["noise multiplies", "noise adds"])
def test_stability_condition_is_the_spectral_radius(degree, kind):
    """All three ways of deciding, on random laws of both verdicts, against NumPy's eigenvalues."""
    rng = np.random.default_rng(3)
    verdicts = []
    for _ in range(30 if degree == 1 else 20 if degree == 2 else 8):
        law = [[Fraction(int(k), 4) for k in rng.integers(-5, 6, 6)] for _ in range(2)]
        if kind == "noise adds":
            law = [[*row[:2], other[2], *row[3:5], other[5]] for row, other in ((law[0], one) for one in law)]
        recursion = random_affine(law, degree)
        radius = max(abs(np.linalg.eigvals(np.array(recursion.matrix, dtype=float))))
        if abs(radius - 1) > 1e-3:
            conditions = recursion.stability_condition()
            assert conditions in {(), (sp.false,)}  # numbers leave nothing to ask
            verdicts.append(radius < 1)
            assert (conditions == ()) == verdicts[-1]
    assert 2 <= sum(verdicts) <= len(verdicts) - 2


def test_characteristic_factors_are_those_of_the_matrix():
    z = sp.Symbol("z")
    law = [[Fraction(k, 4) for k in (1, 2, 3, -1, 3, 2)], [Fraction(k, 4) for k in (2, 0, 1, 1, -2, 3)]]
    recursion = random_affine(law)
    whole = sp.prod([factor.as_expr() ** count for factor, count in recursion.characteristic(z)])
    assert sp.expand(whole - recursion.matrix.charpoly(z).as_expr()) == 0


# The processes that the theory is about.


def test_sgd_on_two_modes():
    after = [(1 - eta * lambda_i) * x - eta * n_i, (1 - eta * lambda_j) * y - eta * n_j]
    noise = {(n_i, n_i): C_ii / m, (n_i, n_j): C_ij / m, (n_j, n_j): C_jj / m}
    recursion = moment_recursion(after, [x, y], lambda e: expectation(e, {n_i: 0, n_j: 0}, noise))
    stationary = recursion.stationary()
    claim = eta * C_ij / (m * (lambda_i + lambda_j - eta * lambda_i * lambda_j))
    assert sp.cancel(stationary[x * y] - claim) == 0
    assert sp.cancel(recursion.covariance(stationary)[1, 1] - eta * C_jj / (m * lambda_j * (2 - eta * lambda_j))) == 0
    assert set(recursion.stability_condition()) == {2 - eta * lambda_i > 0, 2 - eta * lambda_j > 0}
    moving = recursion.transient({x: delta_i, y: delta_j}, t)
    decay = (1 - eta * lambda_i) * (1 - eta * lambda_j)
    for steps in range(4):
        value = moving[x * y].subs(t, steps)
        wanted = claim * (1 - decay**steps) + decay**steps * delta_i * delta_j
        assert sp.cancel(value - wanted) == 0
        assert sp.cancel(value - recursion.transient({x: delta_i, y: delta_j}, steps)[x * y]) == 0


def heavy_ball(nesterov=False, degree=2):
    after = update(x, v, lambda_ * x + n, learning_rate=eta, momentum=mu, nesterov=nesterov)
    return moment_recursion(after, [x, v], lambda e: expectation(e, {n: 0}, {(n, n): C / m}), degree=degree)


def test_heavy_ball_in_one_dimension():
    recursion = heavy_ball()
    claim = eta * C * (1 + mu) / (m * lambda_ * (1 - mu) * (2 * (1 + mu) - eta * lambda_))
    assert sp.cancel(recursion.covariance(recursion.stationary())[0, 0] - claim) == 0
    assert set(recursion.stability_condition()) == {1 - mu > 0, 2 * mu - eta * lambda_ + 2 > 0}


def test_nesterov_in_one_dimension():
    """The variance of the second-order autoregression with phi_1 = (1 - X)(1 + mu), phi_2 = -(1 - X) mu."""
    recursion, X = heavy_ball(nesterov=True), eta * lambda_
    p1, p2 = (1 - X) * (1 + mu), -(1 - X) * mu
    # x' = p1 x + p2 (x before) - eta ((1 + mu) n - mu (n before))
    driven = (1 + mu) ** 2 + mu**2 - 2 * mu * (1 + mu) * p1 / (1 - p2)
    claim = eta**2 * C / m * (1 - p2) * driven / ((1 + p2) * ((1 - p2) ** 2 - p1**2))
    assert sp.cancel(recursion.stationary()[x**2] - claim) == 0


@pytest.mark.parametrize("momentum", ["9/10", "1/10"])
def test_momentum_after_a_symbolic_number_of_steps(momentum):
    """The moments drive each other, so roots of quadratics enter, complex or real; against whole numbers of steps."""
    place = {mu: sp.Rational(momentum), eta: sp.Rational(3, 10), lambda_: 2, C: 5, m: 2}
    after = update(x, v, lambda_ * (x - 2) + n, learning_rate=eta, momentum=mu)
    after = [part.subs(place) for part in after]
    recursion = moment_recursion(after, [x, v], lambda e: expectation(e, {n: 0}, {(n, n): sp.Rational(5, 2)}))
    moving = recursion.transient({x: 3, v: 1}, t)
    for steps in (0, 1, 2, 5):
        wanted = recursion.transient({x: 3, v: 1}, steps)
        for moment, value in moving.items():
            assert abs(sp.N(value.xreplace({t: sp.Integer(steps)}) - wanted[moment], 30)) < 1e-25


def test_momentum_in_symbols():
    recursion = heavy_ball(degree=1)
    place = {mu: sp.Rational(9, 10), eta: sp.Rational(3, 10), lambda_: sp.Integer(2)}
    mean, wanted = recursion.transient({x: 3, v: 1}, t)[x], recursion.transient({x: 3, v: 1}, 4)[x]
    assert abs(sp.N(mean.xreplace({**place, t: sp.Integer(4)}) - wanted.xreplace(place), 30)) < 1e-25


def test_random_curvature_has_a_mean_square_limit():
    """The limit eta (E[a]^2 + Var[a]) < 2 E[a], and the factor it adds to the variance."""
    a = sp.Symbol("a")
    after = [(1 - eta * a) * x - eta * n]
    noise = ({n: 0, a: h}, {(n, n): C / m, (a, a): spread})
    recursion = moment_recursion(after, [x], lambda e: expectation(e, *noise))
    (condition,) = recursion.stability_condition()
    assert sp.expand(condition.lhs - (2 * h - eta * (h**2 + spread))) == 0
    claim = eta * C / (m * (2 * h - eta * (h**2 + spread)))
    assert sp.cancel(recursion.stationary()[x**2] - claim) == 0
    (mean_condition,) = moment_recursion(after, [x], lambda e: expectation(e, *noise), degree=1).stability_condition()
    assert mean_condition == (2 - eta * h > 0)


def test_curvature_of_batches_from_a_data_set():
    """Stationary variance eta p c/(2h - eta h^2 - eta p v) and its limit, p the factor of sampling, v the spread of h.

    Curvature and gradient noise of a sample may be correlated; the covariances come from the batches' own algebra.
    """
    D, a, g, a_b, g_b = sp.symbols("D a g a_b g_b")
    c, square, both = sp.symbols("c square both", positive=True)
    average = {a: h, g: 0, a**2: square, g**2: c, a * g: both}
    for replacement, p in ((True, 1 / m), (False, (D - m) / (m * (D - 1)))):
        law = {
            (first, second): batch_cumulant(pick, average, D, m, replacement=replacement)
            for (first, second), pick in (((a_b, a_b), (a, a)), ((a_b, g_b), (a, g)), ((g_b, g_b), (g, g)))
        }
        after = [x - eta * (a_b * x + g_b)]
        recursion = moment_recursion(after, [x], lambda e, law=law: expectation(e, {a_b: h, g_b: 0}, law))
        left = 2 * h - eta * h**2 - eta * p * (square - h**2)
        assert sp.cancel(recursion.stationary()[x**2] - eta * p * c / left) == 0
        (condition,) = recursion.stability_condition()
        for size, wanted in ((2, False), (8, True)):
            place = {eta: sp.Rational(3, 2), h: 1, square: 2, D: 20, m: size}
            assert (left.subs(place) > 0) == wanted
            assert condition.subs(place) == sp.sympify(wanted)


def test_gaussian_features_have_the_known_mean_square_limit():
    """For batches of one, stable if and only if sum_i eta h_i/(2 - 2 eta h_i) < 1 and eta h_i < 1."""
    h_i, h_j, sigma2 = sp.symbols("h_i h_j sigma2", positive=True)
    a_i, a_j = sp.symbols("a_i a_j")
    residual = a_i * x + a_j * y - n
    recursion = moment_recursion(
        [x - eta * a_i * residual, y - eta * a_j * residual],
        [x, y],
        lambda e: expectation(
            e, {a_i: 0, a_j: 0, n: 0}, {(a_i, a_i): h_i, (a_j, a_j): h_j, (n, n): sigma2}, higher="gaussian"
        ),
    )
    conditions = sp.And(*recursion.stability_condition())
    rng = np.random.default_rng(1)
    verdicts = []
    for first, second in rng.uniform(0.05, 0.8, (40, 2)):
        place = {eta: 1, h_i: sp.Rational(str(first)), h_j: sp.Rational(str(second))}
        verdicts.append(first / (2 - 2 * first) + second / (2 - 2 * second) < 1)
        assert bool(conditions.subs(place)) == verdicts[-1]
    assert 8 <= sum(verdicts) <= 32
    place = {eta: sp.Rational(1, 2), h_i: sp.Rational(1, 2), h_j: sp.Rational(2, 3), sigma2: 3}
    S = sp.diag(*(recursion.stationary()[k].subs(place) for k in (x**2, y**2)))
    H = sp.diag(place[h_i], place[h_j])  # stationary: H S + S H = eta (2 H S H + tr(H S) H + sigma^2 H)
    right = place[eta] * (2 * H * S * H + (H * S).trace() * H + place[sigma2] * H)
    assert (H * S + S * H - right).is_zero_matrix


def test_the_same_process_by_the_numeric_recursion():
    """The library's own step on symbols and its exact numeric recursion: a rotated Hessian, correlated noise."""
    place = point(learning_rate="3/10", batch_size=4, curvature=("1/2", 2), noise=((2, "1/3"), ("1/3", 1)))
    (env,) = additive_noise.environments(place)
    noise = sp.Matrix([n_i, n_j])
    after = additive_noise.step(sp.Matrix([x, y]), noise, learning_rate=place["learning_rate"], **env.model)
    S = env.noise.covariance
    law = {(n_i, n_i): S[0, 0], (n_i, n_j): S[0, 1], (n_j, n_j): S[1, 1]}
    recursion = moment_recursion(after, [x, y], lambda e: expectation(e, {n_i: 0, n_j: 0}, law))
    start = env.minimum + sp.Matrix([1, -2])
    for time in (0, 3, STATIONARY):
        wanted = moments(additive_noise, Arm(env, (Branch(place["learning_rate"], start),), time, ()), 2)[1:]
        mean, second = wanted[:, 0], wanted[:, 1:]
        initial = {x: start[0], y: start[1]}
        values = recursion.stationary() if time == STATIONARY else recursion.transient(initial, time)
        found = recursion.covariance(values)
        for i, j in itertools.product(range(2), repeat=2):
            assert Fraction(int(found[i, j].p), int(found[i, j].q)) == second[i, j] - mean[i] * mean[j]
        for i, name in enumerate((x, y)):
            assert Fraction(int(values[name].p), int(values[name].q)) == mean[i]


def test_moments_that_need_others_bring_them_in():
    recursion = moment_recursion(
        [x / 2 + y**2, y / 3 + n], [x, y], lambda e: expectation(e, {n: 0}, {(n, n): 1}, higher="gaussian")
    )
    assert {x * y**2, y**4} <= set(recursion.moments)
    values = recursion.stationary()
    variance = sp.Rational(9, 8)
    assert values[y**2] == variance
    assert values[y**4] == 3 * variance**2  # y is Gaussian
    assert values[x] == 2 * variance
    assert recursion.stability_condition() == ()


def test_a_random_walk_has_no_stationary_law_but_a_course():
    recursion = moment_recursion([x + n], [x], lambda e: expectation(e, {n: 0}, {(n, n): C}))
    assert recursion.transient({x: 1}, t) == {x: 1, x**2: C * t + 1}
    assert recursion.transient({x: 0, x**2: 5}, t)[x**2] == C * t + 5  # a random start
    assert recursion.stability_condition() == (sp.false,)
    with pytest.raises(DomainError, match="no unique stationary"):
        recursion.stationary()


def test_what_is_refused():
    def expect(expression):
        return expectation(expression, {n: 0}, {(n, n): 1}, higher="gaussian")

    recursion = moment_recursion([x / 2 + n], [x], expect)
    for given_, says in (
        (([x - x**3 + n], [x], expect), "do not close"),
        (([sp.sin(x)], [x], expect), "the step is no polynomial in x"),
        (([x], [x, y], expect), "do not fit"),
        ((["x"], [x], expect), "no expression"),
        ((x, [x], expect), "after is of the wrong kind"),
        (([x], [x + 1], expect), "do not fit"),
        (([x], [x], {n: 0}), "expect is of the wrong kind"),
    ):
        with pytest.raises(DomainError, match=says):
            moment_recursion(*given_)
    with pytest.raises(DomainError, match="first and second moments"):
        moment_recursion([x / 2 + n], [x], expect, degree=1).covariance({x: 1})
    for start, steps, says in (
        ({x: 0}, 2.5, "whole number"),
        ({x: 0}, -1, "whole number"),
        ({x: 0}, sp.Symbol("k"), "whole number"),
        ({y: 0}, 1, "start does not fit"),
        ({x: 0, y: 0}, 1, "start does not fit"),
    ):
        with pytest.raises(DomainError, match=says):
            recursion.transient(start, steps)
    cyclic = moment_recursion([n + y, v, x / 2 + y / 3], [x, y, v], expect, degree=1)
    with pytest.raises(DomainError, match="roots of a polynomial"):
        cyclic.transient({x: 1, y: 1, v: 1}, t)
    shift = moment_recursion([n, x, y], [x, y, v], lambda e: expectation(e, {n: 1}, {}), degree=1)
    with pytest.raises(DomainError, match="memory"):
        shift.transient({x: 5, y: 6, v: 7}, t)
    assert shift.transient({x: 5, y: 6, v: 7}, 1) == {x: 1, y: 5, v: 6}


# The pieces.


@PROFILE
@given(
    some.sampled_from([sp.Rational(1, 2), sp.Integer(1), sp.Integer(-2), sp.Integer(0)]),
    some.lists(
        some.tuples(
            some.sampled_from([sp.Rational(1, 2), sp.Integer(1), sp.Integer(3)]), some.integers(0, 2), fraction
        ),
        max_size=3,
    ),
    fraction,
)
def test_sums_of_powers_solve_the_scalar_recursion(factor, forcing, start):
    """Ratios meet the recursion's own factor often; against plain iteration."""
    terms = {(ratio, power): value for ratio, power, value in forcing}
    solution, value = solved(factor, terms, start), start
    for step in range(5):
        assert written(solution, sp.Integer(step)) == value
        value = factor * value + written(terms, sp.Integer(step))


forcings = some.lists(
    some.tuples(some.sampled_from([sp.Rational(1, 2), sp.Integer(2), sp.Integer(3)]), some.integers(0, 2), fraction),
    max_size=3,
).map(lambda terms: {(ratio, power): value for ratio, power, value in terms})


@FEWER
@given(some.sampled_from([([[1, 1], [-1, 3]], (2, 2)), ([[1, -2], [1, 4]], (3, 2))]), forcings, forcings, fraction)
def test_sums_of_powers_solve_a_joint_recursion(system, first, second, start):
    """One matrix without a full set of eigenvectors, and forcing at its eigenvalues; against plain iteration."""
    matrix, eigenvalues = system
    value, forcing = [start, sp.Integer(1)], [first, second]
    solution = solved_jointly(matrix, [sp.Integer(r) for r in eigenvalues], forcing, value)
    for step in map(sp.Integer, range(5)):
        assert [written(terms, step) for terms in solution] == value
        value = [
            row[0] * value[0] + row[1] * value[1] + written(terms, step)
            for row, terms in zip(matrix, forcing, strict=True)
        ]


@PROFILE
@given(some.lists(some.fractions(min_value=-2, max_value=2, max_denominator=6), min_size=1, max_size=5))
def test_conditions_are_roots_inside_the_unit_circle(tail):
    values = [sp.Integer(1), *(sp.Rational(f.numerator, f.denominator) for f in tail)]
    roots = np.roots([float(value) for value in values])
    radius = max(abs(roots), default=0)
    assume(abs(radius - 1) > 1e-3)
    assert all(condition > 0 for condition in inside_unit_circle(values)) == (radius < 1)


root = some.fractions(min_value="-8/7", max_value="8/7", max_denominator=7)
pair = some.tuples(
    some.fractions(min_value="-3/2", max_value="3/2", max_denominator=8),
    some.fractions(min_value="3/4", max_value="5/4", max_denominator=16),
)


@settings(PROFILE, max_examples=80)
@given(some.lists(pair, min_size=1, max_size=3), some.lists(root, max_size=1))
def test_conditions_of_pairs_of_roots(pairs, roots):
    """Pairs near the unit circle, complex mostly: they are stable by |p| < 1 + q < 2; one pair or root decides.

    Would catch a Hurwitz determinant that is left out or built wrongly, which real roots never notice.
    """
    z = sp.Symbol("z")
    factors = [z**2 + sp.Rational(str(p)) * z + sp.Rational(str(q)) for p, q in pairs]
    values = sp.Poly(sp.prod(factors) * sp.prod([z - sp.Rational(str(r)) for r in roots]), z).all_coeffs()
    wanted = all(abs(p) < 1 + q < 2 for p, q in pairs) and all(abs(r) < 1 for r in roots)
    assert all(condition > 0 for condition in inside_unit_circle(values)) == wanted


@PROFILE
@given(some.lists(root, min_size=1, max_size=5))
def test_conditions_of_known_roots(roots):
    """Polynomials made from their roots, so that about half are stable at every degree; one real root decides."""
    z = sp.Symbol("z")
    roots = [sp.Rational(f.numerator, f.denominator) for f in roots]
    values = sp.Poly(sp.prod([z - root for root in roots]), z).all_coeffs()
    assert all(condition > 0 for condition in inside_unit_circle(values)) == all(abs(root) < 1 for root in roots)
    assert all(condition > 0 for condition in no_real_root_from_one(values)) == all(root < 1 for root in roots)


@settings(PROFILE, max_examples=8)
@given(some.lists(some.integers(1, 5), min_size=5, max_size=5), some.lists(some.integers(0, 3), min_size=3, max_size=3))
def test_square_roots_are_what_they_stand_for(numbers, powers):
    """Squares come out, equal roots share a symbol, and rational functions of two roots keep their value."""
    k, w = sp.symbols("k w", positive=True)
    p, q, r, s, u = numbers
    roots = SquareRoots()
    square = p * (k + q) ** powers[0] * (w + r) ** powers[1] / (k + w) ** powers[2]
    first, second = roots.of(square), roots.of(k * w + s)
    assert len(roots.symbols) <= 2
    field, (a, b) = RootField.of([first, second], roots)
    assert sp.cancel(field.written(a) ** 2 - square) == 0
    again = roots.of(square * (w + u) ** 2)  # a root is found up to its sign
    assert 0 in (sp.cancel(again - first * (w + u)), sp.cancel(again + first * (w + u)))
    value = field.written(field.lowest((a + u) / (a + 2 * b + 1)))
    place = {k: sp.Rational(p, 7), w: sp.Rational(r, 3)}
    x_, y_ = sp.sqrt(square.subs(place)), sp.sqrt((k * w + s).subs(place))
    assert abs(sp.N(value.subs(place) - (x_ + u) / (x_ + 2 * y_ + 1), 30)) < 1e-25


def test_positivity_is_short_and_knows_what_cannot_hold():
    a, b, c = sp.Symbol("a", positive=True), sp.Symbol("b", real=True), sp.Symbol("c", real=True)
    assert positivity([a, a * b / (1 + a), a**3 * b]) == (b > 0,)
    assert positivity([(b - 1) * (c - 1), 1 - b]) == (1 - b > 0, 1 - c > 0)
    assert positivity([b, -a]) == (sp.false,)
    assert positivity([sp.Integer(0)]) == (sp.false,)
    assert positivity([(b - 1) ** 2]) == ((b - 1) ** 2 > 0,)
    assert positivity([]) == ()
    below = sp.Symbol("below", negative=True)
    assert positivity([below * b]) == (-b > 0,)
    assert positivity([below**2 * b]) == (b > 0,)
    assert positivity([b / c, c]) == (c > 0, b > 0)
