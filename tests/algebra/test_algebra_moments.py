"""Expectations, covariances and batch moments against enumeration."""

import itertools

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as some

from sgdtheory.algebra.batches import batch_mean_covariance
from sgdtheory.algebra.moments import covariance, expectation
from sgdtheory.algebra.recursion import coefficients, course, fixed_point

PROFILE = settings(derandomize=True, deadline=None, database=None, max_examples=60)
SYMBOLS = sp.symbols("x y z")
a = sp.Symbol("a")

fraction = some.fractions(min_value=-4, max_value=4, max_denominator=5).map(
    lambda f: sp.Rational(f.numerator, f.denominator)
)
outcome = some.tuples(fraction, fraction, fraction)
laws = some.lists(some.tuples(outcome, some.integers(1, 5)), min_size=1, max_size=4)
MONOMIALS = [sp.prod(pick) for size in range(3) for pick in itertools.combinations_with_replacement(SYMBOLS, size)]
polynomials = some.lists(fraction, min_size=len(MONOMIALS), max_size=len(MONOMIALS)).map(
    lambda weights: sum((w * mono for w, mono in zip(weights, MONOMIALS, strict=True)), sp.Integer(0))
)


def brute(law, value):
    total = sum(weight for _, weight in law)
    return sum(
        (sp.Rational(weight, total) * value(dict(zip(SYMBOLS, point, strict=True))) for point, weight in law),
        sp.Integer(0),
    )


@PROFILE
@given(laws, polynomials)
def test_expectation_is_the_sum_over_outcomes(law, polynomial):
    means = {s: brute(law, lambda point, s=s: point[s]) for s in SYMBOLS}
    covariances = {
        (s, t): brute(law, lambda point, s=s, t=t: (point[s] - means[s]) * (point[t] - means[t]))
        for s, t in itertools.combinations_with_replacement(SYMBOLS, 2)
    }
    assert expectation(polynomial, means, covariances) == brute(law, lambda point: polynomial.subs(point))
    flipped = {(t, s): value for (s, t), value in covariances.items()}
    assert expectation(a * polynomial, means, flipped) == sp.expand(a * expectation(polynomial, means, covariances))


@PROFILE
@given(laws, some.lists(fraction, min_size=8, max_size=8))
def test_covariance_is_the_sum_over_outcomes(law, weights):
    first, second = (
        sum(w * s for w, s in zip(part, (*SYMBOLS, 1), strict=True)) for part in (weights[:4], weights[4:])
    )
    means = {s: brute(law, lambda point, s=s: point[s]) for s in SYMBOLS}
    covariances = {
        (s, t): brute(law, lambda point, s=s, t=t: (point[s] - means[s]) * (point[t] - means[t]))
        for s, t in itertools.combinations_with_replacement(SYMBOLS, 2)
    }
    first, second = sp.sympify(first), sp.sympify(second)
    centre = [brute(law, lambda point, e=e: e.subs(point)) for e in (first, second)]
    wanted = brute(law, lambda point: (first.subs(point) - centre[0]) * (second.subs(point) - centre[1]))
    assert covariance(first, second, means, covariances) == wanted


def test_pairs_left_out_are_uncorrelated():
    x, y, _ = SYMBOLS
    assert expectation(x * y, {x: 2, y: 3}, {}) == 6
    assert expectation(x**2, {x: 2}, {(x, x): 5}) == 9


def test_degrees_beyond_two_are_refused():
    x, y, _ = SYMBOLS
    with pytest.raises(ValueError, match="degree 3"):
        expectation(x**2 * y, {x: 0, y: 0}, {(x, x): 1})


@pytest.mark.parametrize("D", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("replacement", [True, False])
def test_batch_mean_covariance_is_that_of_all_batches(D, replacement):
    data = [(sp.Integer(v), sp.Rational(w, 3)) for v, w in ((1, 2), (4, -1), (-2, 5), (7, 7), (0, 1))[:D]]
    centre = [sum(point[i] for point in data) / sp.Integer(D) for i in (0, 1)]
    data = [(v - centre[0], w - centre[1]) for v, w in data]
    square_sum = sum(v * w for v, w in data)
    for m in range(1, (5 if replacement else D) + 1):
        if D == 1 and not replacement:
            continue  # (D - m)/(D - 1) is 0/0; the verbs give zero, see test_verbs
        batches = list(itertools.product(data, repeat=m) if replacement else itertools.combinations(data, m))
        means = [[sum(point[i] for point in batch) / sp.Integer(m) for i in (0, 1)] for batch in batches]
        wanted = sum(v * w for v, w in means) / sp.Integer(len(means))
        assert batch_mean_covariance(square_sum, sp.Integer(D), sp.Integer(m), replacement=replacement) == wanted


def test_batch_mean_covariance_of_symbols():
    s, D, m = sp.symbols("s D m", positive=True)
    assert sp.cancel(batch_mean_covariance(s, D, m, replacement=True) - s / (D * m)) == 0
    assert sp.cancel(batch_mean_covariance(s, D, m, replacement=False) - s * (D - m) / (D * m * (D - 1))) == 0


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
    x, y, _ = SYMBOLS
    assert coefficients(3 * x * y + 2 * y + 1, x) == (3 * y, 2 * y + 1)
    assert coefficients(y, x) == (0, y)
    with pytest.raises(ValueError, match="not affine"):
        coefficients(x**2 + 1, x)
