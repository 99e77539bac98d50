"""Expectations and cumulants against enumeration, quadrature and known laws."""

import itertools
import math
import time

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as some
from sympy.utilities.iterables import multiset_partitions

from sgdtheory.algebra.cumulants import cumulants_from_moments, moments_from_cumulants
from sgdtheory.algebra.moments import covariance, expectation
from sgdtheory.errors import DomainError, NonFiniteError

PROFILE = settings(derandomize=True, deadline=None, database=None, max_examples=40)
FEWER = settings(PROFILE, max_examples=15)
SYMBOLS = sp.symbols("x y z")
x, y, z = SYMBOLS
a = sp.Symbol("a")

fraction = some.fractions(min_value=-4, max_value=4, max_denominator=5).map(
    lambda f: sp.Rational(f.numerator, f.denominator)
)
outcome = some.tuples(fraction, fraction, fraction)
laws = some.lists(some.tuples(outcome, some.integers(1, 5)), min_size=1, max_size=4)
MONOMIALS = [sp.prod(pick) for size in range(3) for pick in itertools.combinations_with_replacement(SYMBOLS, size)]
quadratics = some.lists(fraction, min_size=len(MONOMIALS), max_size=len(MONOMIALS)).map(
    lambda weights: sum((w * mono for w, mono in zip(weights, MONOMIALS, strict=True)), sp.Integer(0))
)


def polynomials(degree, names=SYMBOLS):
    """Return a few random terms up to a degree, one of that degree always among them."""
    picks = some.integers(0, degree).flatmap(lambda d: some.tuples(*(some.sampled_from(names) for _ in range(d))))
    top = some.tuples(*(some.sampled_from(names) for _ in range(degree)))
    return some.tuples(top, some.lists(some.tuples(fraction, picks), max_size=3)).map(
        lambda parts: sp.prod(parts[0]) + sum((w * sp.prod(pick) for w, pick in parts[1]), sp.Integer(0))
    )


def brute(law, value):
    total = sum(weight for _, weight in law)
    return sum(
        (sp.Rational(weight, total) * value(dict(zip(SYMBOLS, point, strict=True))) for point, weight in law),
        sp.Integer(0),
    )


def mean_and_covariance(law):
    means = {s: brute(law, lambda point, s=s: point[s]) for s in SYMBOLS}
    return means, {
        (s, t): brute(law, lambda point, s=s, t=t: (point[s] - means[s]) * (point[t] - means[t]))
        for s, t in itertools.combinations_with_replacement(SYMBOLS, 2)
    }


def joint_cumulant(key, moment):
    """Return the joint cumulant by its definition: over set partitions, (-1)^(b-1) (b-1)! times the blocks' moments."""
    total = sp.Integer(0)
    for partition in multiset_partitions(list(range(len(key)))):
        sign = (-1) ** (len(partition) - 1) * math.factorial(len(partition) - 1)
        total += sign * sp.prod([moment(tuple(key[place] for place in part)) for part in partition])
    return total


@PROFILE
@given(laws, quadratics)
def test_expectation_is_the_sum_over_outcomes(law, polynomial):
    means, covariances = mean_and_covariance(law)
    assert expectation(polynomial, means, covariances) == brute(law, lambda point: polynomial.subs(point))
    flipped = {(t, s): value for (s, t), value in covariances.items()}
    assert expectation(a * polynomial, means, flipped) == sp.expand(a * expectation(polynomial, means, covariances))


@PROFILE
@given(laws, some.lists(fraction, min_size=8, max_size=8))
def test_covariance_is_the_sum_over_outcomes(law, weights):
    first, second = (
        sum(w * s for w, s in zip(part, (*SYMBOLS, 1), strict=True)) for part in (weights[:4], weights[4:])
    )
    means, covariances = mean_and_covariance(law)
    first, second = sp.sympify(first), sp.sympify(second)
    centre = [brute(law, lambda point, e=e: e.subs(point)) for e in (first, second)]
    wanted = brute(law, lambda point: (first.subs(point) - centre[0]) * (second.subs(point) - centre[1]))
    assert covariance(first, second, means, covariances) == wanted


@FEWER
@given(laws, some.integers(3, 6).flatmap(polynomials))
def test_expectation_from_cumulants_is_the_sum_over_outcomes(law, polynomial):
    """Would catch a wrong count of partitions, a cumulant used twice, or one forgotten at any order up to six."""
    known = {}

    def moment(key):
        key = tuple(sorted(key, key=str))
        if key not in known:
            known[key] = brute(law, lambda point: sp.prod([point[s] for s in key]))
        return known[key]

    means, covariances = mean_and_covariance(law)
    degree = sp.Poly(polynomial, *SYMBOLS).total_degree()
    keys = [key for n in range(3, degree + 1) for key in itertools.combinations_with_replacement(SYMBOLS, n)]
    higher = {key[::-1]: joint_cumulant(key, moment) for key in keys}
    wanted = brute(law, lambda point: polynomial.subs(point))
    assert expectation(polynomial, means, covariances, higher=higher) == wanted


NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(5)  # exact up to degree nine
WEIGHTS = WEIGHTS / WEIGHTS.sum()


@PROFILE
@given(
    some.lists(some.integers(-2, 2), min_size=9, max_size=9),
    some.lists(some.integers(-2, 2), min_size=3, max_size=3),
    some.integers(1, 8).flatmap(polynomials),
)
def test_gaussian_expectation_is_the_quadrature(factor, means, polynomial):
    """Means are not zero, covariances may be singular; would catch a pairing left out or a mean not carried along."""
    root = np.array(factor, dtype=float).reshape(3, 3)
    covariances = dict(
        zip(itertools.product(SYMBOLS, SYMBOLS), (root @ root.T).astype(int).ravel().tolist(), strict=True)
    )
    value, size = 0.0, 0.0
    function = sp.Poly(polynomial, *SYMBOLS).as_dict()
    for nodes, weights in zip(itertools.product(NODES, repeat=3), itertools.product(WEIGHTS, repeat=3), strict=True):
        point = root @ np.array(nodes) + means
        terms = [float(c) * np.prod(point ** np.array(powers)) for powers, c in function.items()]
        value += np.prod(weights) * sum(terms)
        size += np.prod(weights) * sum(map(abs, terms))
    found = expectation(polynomial, dict(zip(SYMBOLS, means, strict=True)), covariances, higher="gaussian")
    assert float(found) == pytest.approx(value, rel=1e-12, abs=1e-12 * size)


def test_isserlis_and_its_time():
    names = sp.symbols("x1:5")
    c = {pair: sp.Symbol(f"c_{pair[0]}{pair[1]}") for pair in itertools.combinations_with_replacement(names, 2)}
    means, (p, q, r, s) = dict.fromkeys(names, 0), names
    spent = []
    for _ in range(7):
        began = time.perf_counter()
        found = expectation(p * q * r * s, means, c, higher="gaussian")
        spent.append(time.perf_counter() - began)
    assert found == c[p, q] * c[r, s] + c[p, r] * c[q, s] + c[p, s] * c[q, r]
    assert min(spent) < 0.01


def test_single_symbols_with_known_moments():
    from scipy import stats

    mu, v, rate = sp.symbols("mu v rate", positive=True)
    eighth = expectation(x**8, {x: mu}, {(x, x): v}, higher="gaussian")
    assert float(eighth.subs({mu: 3, v: 4})) == pytest.approx(stats.norm(3, 2).moment(8), rel=1e-12)
    cumulants = {(x,) * n: sp.factorial(n - 1) / rate**n for n in range(3, 8)}  # the exponential law
    assert expectation(x**7, {x: 1 / rate}, {(x, x): 1 / rate**2}, higher=cumulants) == sp.factorial(7) / rate**7


def test_a_cumulant_left_out_is_zero_and_a_mean_may_be_the_symbol_itself():
    assert expectation(x**3, {x: 0}, {(x, x): 1}, higher={}) == 0
    assert expectation(x**2 * y**2, {x: 0, y: 0}, {}, higher={(x, y, y, x): 7}) == 7
    assert expectation((x + y) ** 3, {x: x, y: 0}, {(y, y): a}, higher="gaussian") == x**3 + 3 * a * x
    assert expectation(a**2 + 1, {}, {}) == a**2 + 1
    assert covariance(x**2, y**2, {x: 0, y: 0}, {(x, y): a}, higher="gaussian") == 2 * a**2


def test_pairs_left_out_are_uncorrelated():
    assert expectation(x * y, {x: 2, y: 3}, {}) == 6
    assert expectation(x**2, {x: 2}, {(x, x): 5}) == 9


def test_degrees_beyond_two_are_refused():
    with pytest.raises(ValueError, match="degree 3"):
        expectation(x**2 * y, {x: 0, y: 0}, {(x, x): 1})


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ((1 / x, {x: 0}, {}), "no polynomial"),
        ((sp.sin(x), {x: 0}, {}), "no polynomial"),
        ((x, {x: 0}, {(x, sp.Symbol("q")): 1}), "key of a covariance"),
        ((x, {x: 0}, {x: 1}), "key of a covariance"),
        ((x, {x: 0, y: 0}, {(x, y): 1, (y, x): 2}), "given twice"),
        ((x, {x: 0}, {(x, x, x): 1}), "key of a covariance"),
        (("__import__('os')", {x: 0}, {}), "no expression"),
        ((x, {x: "1"}, {}), "no expression"),
    ],
)
def test_what_expectation_refuses(given_, says):
    with pytest.raises(DomainError, match=says):
        expectation(*given_)


def test_other_refusals():
    with pytest.raises(DomainError, match="key of a cumulant"):
        expectation(x, {x: 0}, {}, higher={(x, x): 1})
    with pytest.raises(DomainError, match="unknown kind"):
        expectation(x, {x: 0}, {}, higher="gauss")
    with pytest.raises(NonFiniteError, match="not finite"):
        expectation(x, {x: float("nan")}, {})


@FEWER
@given(laws, some.integers(1, 4).flatmap(lambda n: some.tuples(*(some.sampled_from(SYMBOLS) for _ in range(n)))))
def test_joint_conversions_are_the_sums_over_set_partitions(law, key):
    """Both directions against their definitions on the moments of a finite law."""

    def moment(part):
        return brute(law, lambda point: sp.prod([point[s] for s in part]))

    parts = [pick for n in range(1, len(key) + 1) for pick in dict.fromkeys(itertools.combinations(key, n))]
    moments = {part: moment(part) for part in parts}
    cumulants = cumulants_from_moments(moments)
    assert cumulants == {part: joint_cumulant(part, moment) for part in parts}
    assert moments_from_cumulants(cumulants) == moments


def test_conversions_of_known_laws():
    """Poisson: all cumulants equal, the moments are Touchard's polynomials. Bernoulli: k_(n+1) = p(1-p) dk_n/dp."""
    rate, p = sp.symbols("rate p")
    assert moments_from_cumulants([rate] * 6) == tuple(sp.expand(sp.bell(n, rate)) for n in range(1, 7))
    wanted = [p]
    for _ in range(5):
        wanted.append(sp.expand(p * (1 - p) * sp.diff(wanted[-1], p)))
    assert cumulants_from_moments([p] * 6) == tuple(wanted)


def test_conversions_refuse_what_is_incomplete():
    with pytest.raises(DomainError, match="part of a joint moment"):
        cumulants_from_moments({(x,): 1, (x, y): 2})
    with pytest.raises(DomainError, match="given twice"):
        cumulants_from_moments({(x,): 0, (y,): 0, (x, y): 1, (y, x): 2})
    with pytest.raises(DomainError, match="wrong kind"):
        moments_from_cumulants("123")
    with pytest.raises(DomainError, match="tuple of symbols"):
        moments_from_cumulants({x: 1})
