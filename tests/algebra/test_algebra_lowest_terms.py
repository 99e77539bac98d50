"""Rational expressions over common denominators and back, against SymPy's own ``cancel``."""

import pytest
import sympy as sp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sgdtheory.algebra.expressions import checked_expression
from sgdtheory.algebra.lowest_terms import common_ring, in_lowest_terms, reduced
from sgdtheory.errors import DomainError, NonFiniteError

x, y, z = sp.symbols("x y z")
FACTORS = (x, x + 1, x - y, 2 * x + 3 * y, 1 - x * y, 2 * z, x**2 - y**2)

powers = st.lists(st.integers(0, 3), min_size=len(FACTORS), max_size=len(FACTORS))


@settings(max_examples=40, deadline=None)
@given(above=powers, below=powers, number=st.fractions(max_denominator=20))
def test_a_quotient_is_what_cancel_says(above, below, number):
    product = sp.Rational(number) * sp.prod(f**e for f, e in zip(FACTORS, above, strict=True))
    divisor = sp.prod(f**e for f, e in zip(FACTORS, below, strict=True))
    ring, (numerator, *factors) = common_ring([sp.expand(product)], *([factor] for factor in FACTORS))
    found = ring.quotient(
        numerator.polynomials[0] * numerator.scale,
        [(f.polynomials[0] * f.scale, e) for f, e in zip(factors, below, strict=True)]
        + [(part, power) for part, power in numerator.factors],
    )
    assert sp.cancel(found - product / divisor) == 0
    top, bottom = sp.fraction(found)
    assert sp.gcd(sp.expand(top), sp.expand(bottom)).is_number


ROOT, NESTED = sp.sqrt(1 + x / y), sp.sqrt(1 + sp.sqrt(1 + 1 / x))
CUBE = sp.cbrt(x / (y + 1) + ROOT / z)


@pytest.mark.parametrize(
    "zero",
    [
        (ROOT + 1) ** 2 - (1 + x / y) - 2 * ROOT - 1,
        ROOT**3 - ROOT * (x + y) / y,
        (NESTED**2 - 1) ** 2 - 1 - 1 / x,
        NESTED * (NESTED**2 - 1) ** 2 - NESTED * (1 + 1 / x),
        CUBE**4 - CUBE * (ROOT / z + x / (y + 1)),
        (x + sp.I) * (x - sp.I) - x**2 - 1,
    ],
)
def test_powers_of_roots_of_quotients_are_worked_out(zero):
    assert in_lowest_terms(zero) == 0
    found = in_lowest_terms(zero + ROOT)
    assert found != 0
    at = {x: sp.Rational(2, 3), y: sp.Rational(5, 7), z: sp.Rational(3, 2)}
    assert abs(sp.N((found - ROOT).subs(at), 30)) < 1e-25


TREES = st.recursive(
    st.sampled_from(
        [x, y, sp.Integer(2), sp.Rational(-1, 3), sp.exp(x), sp.exp(-2 * x), sp.exp(y - x / 2), sp.sqrt(x)]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]),
        st.tuples(inner, inner).map(lambda p: p[0] * p[1]),
        inner.map(lambda e: 1 / (e**2 + 1)),
        inner.map(lambda e: e**3),
    ),
    max_leaves=6,
)


@settings(max_examples=40, deadline=None)
@given(expression=TREES)
def test_nothing_changes_in_value(expression):
    point = {x: sp.Rational(7, 5), y: sp.Rational(-2, 3)}
    found, wanted = (sp.N(e.subs(point), 40) for e in (in_lowest_terms(expression), expression))
    assert abs(found - wanted) <= 1e-30 * max(1, abs(wanted))


@settings(max_examples=30, deadline=None)
@given(first=TREES, second=TREES)
@example(first=x, second=1 / ((sp.sqrt(x) + x) ** 6 + 1))
def test_identities_of_exponentials_and_roots_are_zero(first, second):
    difference = (first + second) ** 2 - first**2 - second**2 - 2 * first * second
    assert in_lowest_terms(difference) == 0
    one = in_lowest_terms(difference + 1)  # a root may hide a common factor from it, but never a zero
    assert one != 0
    assert in_lowest_terms(one - 1) == 0


def test_roots_and_exponentials_know_each_other():
    assert in_lowest_terms(sp.sqrt(x) ** 3 / x - sp.sqrt(x)) == 0
    assert in_lowest_terms((1 + sp.sqrt(2)) * (1 - sp.sqrt(2)) + 1) == 0
    assert in_lowest_terms(sp.exp(x) * sp.exp(-x / 3) - sp.exp(2 * x / 3)) == 0
    assert in_lowest_terms(sp.sqrt(x) - sp.sqrt(y)) != 0


def test_a_factor_keeps_its_power():
    ring, (top, factor) = common_ring([sp.expand((x + 1) ** 2)], [x + 1])
    above, number, below = reduced(top.polynomials[0], [(factor.polynomials[0], 5)])
    assert (above, number, below) == (ring.ring.one, 1, [(factor.polynomials[0], 3)])


def test_a_division_by_zero_is_named():
    with pytest.raises(DomainError, match="divides by zero"):
        common_ring([1 / (x * (y + 1) - x * y - x)])


@pytest.mark.parametrize(
    ("value", "error"),
    [("x", DomainError), (True, DomainError), (None, DomainError), (x < y, DomainError), (sp.eye(2), DomainError),
     (sp.Symbol("A", commutative=False), DomainError), (float("nan"), NonFiniteError), (x + sp.oo, NonFiniteError)],
)  # fmt: skip
def test_what_is_no_expression_is_refused(value, error):
    with pytest.raises(error, match="the entry"):
        checked_expression("the entry", value)
