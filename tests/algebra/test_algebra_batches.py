"""Moments of batch means against all batches of small data sets."""

import itertools
import math
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as some
from sympy.utilities.iterables import multiset_partitions

from sgdtheory.algebra.batches import batch_cumulant, batch_expectation, batch_mean_covariance
from sgdtheory.errors import DomainError

PROFILE = settings(derandomize=True, deadline=None, database=None, max_examples=60)
a, b = sp.symbols("a b")
D, m = sp.symbols("D m", positive=True)

entry = some.fractions(min_value=-3, max_value=3, max_denominator=3)
data_sets = some.lists(some.tuples(entry, entry), min_size=1, max_size=5)
factor_lists = some.integers(1, 6).flatmap(lambda n: some.lists(some.sampled_from([0, 1]), min_size=n, max_size=n))


def rational(value):
    return sp.Rational(value.numerator, value.denominator)


def averages(data):
    """Return the function from a product a^p b^q to its average over the data set."""

    def average(product):
        powers = product.as_powers_dict()
        total = sum((row[0] ** int(powers[a]) * row[1] ** int(powers[b]) for row in data), Fraction(0))
        return rational(total / len(data))

    return average


def batches(data, size, replacement):
    return list(itertools.product(data, repeat=size) if replacement else itertools.combinations(data, size))


def enumerated(data, size, replacement, factors):
    """Return the expectation of the product of batch means over all batches."""
    drawn = batches(data, size, replacement)
    total = Fraction(0)
    for batch in drawn:
        means = [sum(row[place] for row in batch) / Fraction(size) for place in (0, 1)]
        total += math.prod(means[place] for place in factors)
    return rational(total / len(drawn))


def batch_size(data, replacement, wanted):
    return 1 + wanted % (3 if replacement else len(data))


@PROFILE
@given(data_sets, factor_lists, some.integers(0, 4), some.booleans())
def test_expectation_is_that_over_all_batches(data, factors, wanted, replacement):
    """Any order up to six; would catch a coincidence of draws left out and a wrong sign of Moebius' function."""
    size = batch_size(data, replacement, wanted)
    found = batch_expectation([(a, b)[f] for f in factors], averages(data), len(data), size, replacement=replacement)
    assert found == enumerated(data, size, replacement, factors)


@PROFILE
@given(data_sets, factor_lists, some.integers(0, 4), some.booleans())
def test_cumulant_is_that_over_all_batches(data, factors, wanted, replacement):
    """Against the definition of a joint cumulant over set partitions, on enumerated moments."""
    size = batch_size(data, replacement, wanted)
    factors = factors[:5]
    moments = {}
    total = sp.Integer(0)
    for partition in multiset_partitions(list(range(len(factors)))):
        value = sp.Integer((-1) ** (len(partition) - 1) * math.factorial(len(partition) - 1))
        for part in partition:
            key = tuple(sorted(factors[place] for place in part))
            if key not in moments:
                moments[key] = enumerated(data, size, replacement, key)
            value *= moments[key]
        total += value
    found = batch_cumulant([(a, b)[f] for f in factors], averages(data), len(data), size, replacement=replacement)
    assert found == total


@pytest.mark.parametrize("replacement", [True, False])
@pytest.mark.parametrize("order", [1, 2, 3, 4, 5])
def test_symbolic_sizes_are_the_same_formula(order, replacement):
    data = [(Fraction(v), Fraction(w, 2)) for v, w in ((1, 3), (-2, 1), (5, 0), (0, -1), (2, 7), (3, 3))]
    factors = [(a, b)[place % 2] for place in range(order)]
    for of in (batch_expectation, batch_cumulant):
        formula = of(factors, averages(data), D, m, replacement=replacement)
        for size in (1, 2, 3):
            number = of(factors, averages(data), len(data), size, replacement=replacement)
            assert formula.subs({D: len(data), m: size}) == number


@settings(PROFILE, max_examples=25)
@given(data_sets, factor_lists)
def test_the_whole_data_set_without_replacement_has_no_noise(data, factors):
    names = [(a, b)[f] for f in factors]
    average, size = averages(data), len(data)
    product = sp.prod([average(name) for name in names])
    assert batch_expectation(names, average, size, size, replacement=False) == product
    if len(names) > 1:
        assert batch_cumulant(names, average, size, size, replacement=False) == 0


def test_known_factors():
    """The factor of a covariance, p, and of a third cumulant, textbook results on finite populations."""
    mean = sp.Function("mean")
    covariance = mean(a * b) - mean(a) * mean(b)
    for replacement, p in ((True, 1 / m), (False, (D - m) / (m * (D - 1)))):
        found = batch_cumulant((a, b), mean, D, m, replacement=replacement)
        assert sp.cancel(found - p * covariance) == 0
        product = batch_expectation((a, b), mean, D, m, replacement=replacement)
        assert sp.cancel(product - p * covariance - mean(a) * mean(b)) == 0
    centred = {a: 0, a**2: sp.Symbol("s"), a**3: 1}
    third = batch_cumulant((a, a, a), centred, D, m, replacement=False)
    assert sp.cancel(third - (D - m) * (D - 2 * m) / (m**2 * (D - 1) * (D - 2))) == 0


def test_factors_may_be_products_and_none_is_one():
    data = [(Fraction(1), Fraction(2)), (Fraction(3), Fraction(-1)), (Fraction(0), Fraction(5))]
    squares = [(row[0] * row[1], row[0] ** 2) for row in data]
    found = batch_expectation((a * b, a**2), averages(data), 3, 2, replacement=False)
    assert found == enumerated(squares, 2, False, (0, 1))
    assert batch_expectation((), averages(data), 3, 2, replacement=False) == 1
    with pytest.raises(DomainError, match="cumulant of nothing"):
        batch_cumulant((), averages(data), 3, 2, replacement=False)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("replacement", [True, False])
def test_batch_mean_covariance_is_that_of_all_batches(size, replacement):
    data = [(Fraction(v), Fraction(w, 3)) for v, w in ((1, 2), (4, -1), (-2, 5), (7, 7), (0, 1))[:size]]
    centre = [sum(row[place] for row in data) / len(data) for place in (0, 1)]
    data = [(row[0] - centre[0], row[1] - centre[1]) for row in data]
    square_sum = rational(sum(v * w for v, w in data))
    for batch in range(1, (4 if replacement else size) + 1):
        wanted = enumerated(data, batch, replacement, (0, 1))
        found = batch_mean_covariance(square_sum, sp.Integer(size), sp.Integer(batch), replacement=replacement)
        assert found == wanted


def test_batch_mean_covariance_of_symbols():
    s = sp.Symbol("s", positive=True)
    assert sp.cancel(batch_mean_covariance(s, D, m, replacement=True) - s / (D * m)) == 0
    assert sp.cancel(batch_mean_covariance(s, D, m, replacement=False) - s * (D - m) / (D * m * (D - 1))) == 0


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        (((a,), {a: 1}, 3, 4), "larger than the data set"),
        (((a,), {a: 1}, 3, 0), "no number of samples"),
        (((a,), {a: 1}, 3, 1.5), "no number of samples"),
        (((a,), {a: 1}, -3, 1), "no number of samples"),
        (((a,), {a: 1}, "D", 1), "no expression"),
        (((a, a), {a: 1}, 3, 2), "average over the data set is missing"),
        ((a, {a: 1}, 3, 2), "in a sequence"),
    ],
)
def test_what_is_refused(given_, says):
    with pytest.raises(DomainError, match=says):
        batch_expectation(*given_, replacement=False)
