"""Derivations prove each step; ``is_zero`` and ``tidy`` never call two different things equal."""

import dataclasses

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as some

import sgdtheory as st
from sgdtheory.algebra.derivation import Derivation, Step, UnprovedStepError, is_zero, tidy
from sgdtheory.processes.additive_noise import additive_noise

x, y, z = sp.symbols("x y z", positive=True)
n, k = sp.symbols("n k", integer=True, nonnegative=True)
PROFILE = settings(derandomize=True, deadline=None, database=None, max_examples=60)

small = some.integers(-4, 4)
atoms = some.one_of(
    some.sampled_from([x, y, z]),
    small.map(sp.Integer),
    some.tuples(small, some.integers(1, 5)).map(lambda pair: sp.Rational(*pair)),
)


def grow(inner):
    pairs = some.tuples(inner, inner)
    return some.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] * p[1]),
        some.tuples(inner, some.integers(1, 3)).map(lambda p: p[0] ** p[1]),
        inner.map(lambda e: 1 / (1 + e**2)),  # never divides by zero on the reals
    )


rational_functions = some.recursive(atoms, grow, max_leaves=6)
PLACES = [
    {x: sp.Rational(2, 3), y: sp.Rational(5, 7), z: sp.Rational(11, 4)},
    {x: 3, y: sp.Rational(1, 5), z: sp.Rational(9, 8)},
]


@PROFILE
@given(rational_functions, rational_functions)
def test_is_zero_agrees_with_exact_values(first, second):
    difference = first - second
    if is_zero(difference):
        assert all(difference.subs(place) == 0 for place in PLACES)
    if any(difference.subs(place) != 0 for place in PLACES):
        assert not is_zero(difference)
    assert is_zero(sp.expand(first) - first)
    assert is_zero((first + second) ** 2 - first**2 - 2 * first * second - second**2)
    assert not is_zero(first - second - (first - second) - sp.Rational(1, 10**9))


@PROFILE
@given(rational_functions)
def test_tidy_keeps_the_value(expression):
    assert all(tidy(expression).subs(place) == expression.subs(place) for place in PLACES)


@pytest.mark.parametrize(
    "expression",
    [
        (1 - x) ** (n + 1) - (1 - x) ** n * (1 - x),
        (1 - x) ** (2 * n) - ((1 - x) ** n) ** 2,
        (1 - x) ** n * (1 - y) ** n - (1 - x - y + x * y) ** n,
        (x**2 - 1) ** n - (x - 1) ** n * (x + 1) ** n,
        sp.exp(2 * x * n) - sp.exp(x * n) ** 2,
        sp.exp(x + y) - sp.exp(x) * sp.exp(y),
        sp.exp(-x) * sp.exp(x) - 1,
        (2 * x) ** n - 2**n * x**n,
        1 / x - 1 / (x + y) - y / (x * (x + y)),
        (1 - x) ** (n + k) / (1 - x) ** k - (1 - x) ** n,
    ],
)
def test_is_zero_knows_powers(expression):
    assert is_zero(expression)


@pytest.mark.parametrize(
    "expression",
    [
        (1 - x) ** (n + 1) - (1 - x) ** n,
        (1 - x) ** (2 * n) - (1 - x) ** n,
        (1 - x) ** n * (1 - y) ** n - (1 - x - y) ** n,
        (x - 1) ** n - (1 - x) ** n,
        sp.exp(2 * x) - sp.exp(x),
        (2 * x) ** n - 2 * x**n,
        (1 - x) ** n - (1 - x) ** k,
        sp.nan,
        sp.zoo,
    ],
)
def test_is_zero_is_not_fooled(expression):
    assert not is_zero(expression)


def test_tidy_leaves_symbolic_powers_alone():
    power = (1 - x * y) ** (2 * n)
    assert power in tidy((1 - power) / x + power / x - 1 / y + power).atoms(sp.Pow)
    assert tidy(x / (x * y) + 1 / y) == 2 / y


def test_a_wrong_step_names_itself():
    derivation = Derivation(additive_noise)
    assert derivation.add("a true one", x, (x + y) ** 2, x**2 + 2 * x * y + y**2) == x**2 + 2 * x * y + y**2
    with pytest.raises(UnprovedStepError, match="step 2 does not hold: twice is not thrice"):
        derivation.add("twice is not thrice", x, 2 * x, 3 * x)
    assert len(derivation.steps) == 1
    assert issubclass(UnprovedStepError, ValueError)
    assert derivation.add("lowest terms", x, (x**2 - y**2) / (x - y)) == x + y
    assert derivation.value == x + y
    assert derivation.verify() is derivation


def test_verify_finds_a_step_that_was_tampered_with():
    derivation = st.derive("quadratic.stationary_covariance")
    assert derivation.verify().name == "quadratic.stationary_covariance"
    for number, step in enumerate(list(derivation.steps)):
        derivation.steps[number] = dataclasses.replace(
            step, right=sp.Rational(1001, 1000) * step.right + sp.Rational(1, 10**6)
        )
        with pytest.raises(
            UnprovedStepError, match=rf"quadratic\.stationary_covariance: step {number + 1} does not hold"
        ):
            derivation.verify()
        derivation.steps[number] = step
    derivation.verify()
    with pytest.raises(dataclasses.FrozenInstanceError):
        derivation.steps[0].right = x


def test_a_step_says_whether_it_is_proved():
    assert Step("", x, x + x, 2 * x).proved
    assert not Step("", x, x + x, 2 * y).proved


def test_a_derivation_is_fresh_each_time():
    first, second = (st.derive("quadratic.mean_stability_limit") for _ in range(2))
    first.steps.clear()
    assert second.steps
    assert second.value == st.results["quadratic.mean_stability_limit"].value


def test_a_derivation_shows_its_steps():
    derivation = st.derive("quadratic.stationary_covariance")
    assert derivation.latex().count(r"\lambda") >= 2 * len(derivation.steps)
    text = str(derivation)
    for word in ("x_i'", "x_j'", "eta", "lambda"):
        assert word in text
    assert len(text.splitlines()) > len(derivation.steps)
