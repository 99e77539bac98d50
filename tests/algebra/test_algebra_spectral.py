"""The operator form of a function of two modes means the same as the function; mutants are all wrong."""

import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as some

import sgdtheory as st
from sgdtheory.algebra.derivation import is_zero
from sgdtheory.algebra.mutants import mutants
from sgdtheory.algebra.spectral import linear_parts, operator_form
from sgdtheory.numeric.operators import apply, coefficients, scalar_words
from sgdtheory.symbols import C_ij, delta_i, eta, lambda_i, lambda_j, m, t

PROFILE = settings(derandomize=True, deadline=None, database=None, max_examples=50)
number = some.fractions(min_value="1/4", max_value=3, max_denominator=6).map(
    lambda f: sp.Rational(f.numerator, f.denominator)
)
monomial = some.tuples(
    number, some.integers(0, 2), some.integers(0, 2), some.sampled_from([1, eta, 1 / m, eta**2 / m])
).map(lambda p: p[0] * lambda_i ** p[1] * lambda_j ** p[2] * p[3])
positive = some.lists(monomial, min_size=1, max_size=3).map(sum)  # never zero for positive modes
functions = some.tuples(positive, positive).map(lambda p: p[0] / p[1])
atoms = some.sampled_from(
    [
        sp.Integer(1),
        (1 - eta * lambda_i) ** t,
        (1 - eta * lambda_i) ** t * (1 - eta * lambda_j) ** t,
        1 - ((1 - eta * lambda_i) * (1 - eta * lambda_j)) ** t,
        sp.exp(-eta * t * lambda_i),
        1 - sp.exp(-eta * t * (lambda_i + lambda_j)),
    ]
)


def value(terms, generators, place):
    total = sp.Integer(0)
    for coefficient, left, right in terms:
        total += (
            sp.sympify(coefficient).subs(place)
            * sp.prod(g[0] ** p for g, p in zip(generators, left, strict=True))
            * sp.prod(g[1] ** p for g, p in zip(generators, right, strict=True))
        )
    return total


@PROFILE
@given(functions, atoms, number, number, number, some.integers(1, 9), some.integers(0, 4))
def test_operator_form_is_the_function(function, atom, left, right, rate, size, steps):
    assume(rate * left != 1 and rate * right != 1)
    factor = function * atom
    form = operator_form(factor)
    place = {eta: rate, m: size, t: steps}
    generators = [(left, right)]
    for kind in form.atoms:
        if kind.kind == "power":
            generators.append(
                tuple((kind.base**kind.exponent).subs({**place, lambda_i: mode}) for mode in (left, right))
            )
        else:
            generators.append(
                tuple(
                    sp.exp((kind.base * lambda_i * kind.exponent).subs({**place, lambda_i: mode}))
                    for mode in (left, right)
                )
            )
    found = value(form.numerator, generators, place) / value(form.denominator, generators, place)
    wanted = factor.subs({**place, lambda_i: left, lambda_j: right})
    if wanted.has(sp.exp) or found.has(sp.exp):
        assert abs(sp.N(found - wanted, 40)) <= 1e-30 * max(1, abs(sp.N(wanted)))
    else:
        assert found == wanted
    # A lag may stand in the numerator; the denominator must be invertible without the atoms.
    assert all(not any(powers[1:]) for _, *sides in form.denominator for powers in sides)


@PROFILE
@given(functions, some.lists(number, min_size=3, max_size=3), number, some.integers(1, 9))
def test_operator_form_acts_on_matrices(function, entries, rate, size):
    """With H = V diag V', D(H) applied to V (f o C) V' gives N(H) applied to V C V', exactly."""
    p, q, r = entries
    V = sp.Matrix([[sp.Rational(3, 5), sp.Rational(4, 5)], [-sp.Rational(4, 5), sp.Rational(3, 5)]])
    modes = (p, p + q)
    H, C = V * sp.diag(*modes) * V.T, sp.Matrix([[r, q], [q, p]])
    form = operator_form(function)
    place = {eta: rate, m: size}
    f = sp.Matrix(2, 2, lambda i, j: function.subs({**place, lambda_i: modes[i], lambda_j: modes[j]}) * C[i, j])

    def act(terms, matrix):
        return apply(
            [(0, *powers) for _, *powers in terms], [sp.sympify(c).subs(place) for c, *_ in terms], [H], matrix
        )

    assert act(form.denominator, V * f * V.T) == act(form.numerator, V * C * V.T)


def test_powers_that_couple_modes_are_refused():
    with pytest.raises(NotImplementedError, match="couples two modes"):
        operator_form((1 - eta * (lambda_i + lambda_j)) ** t)


def test_linear_parts():
    parts = linear_parts(3 * C_ij * eta, {C_ij: "noise"})
    assert parts == {"noise": 3 * eta}
    with pytest.raises(NotImplementedError, match="not linear"):
        linear_parts(C_ij**2, {C_ij: "noise"})
    with pytest.raises(NotImplementedError, match="not linear"):
        linear_parts(C_ij + 1, {C_ij: "noise"})
    assert linear_parts(eta * delta_i**2 + m * C_ij, {C_ij: "noise", delta_i**2: "displacement"}) == {
        "noise": m,
        "displacement": eta,
    }


def test_coefficients_are_numbers():
    form = operator_form(eta / (m * (lambda_i + lambda_j - eta * lambda_i * lambda_j)))
    scalars = scalar_words({"learning_rate": 0.5, "batch_size": 4})
    (top,) = coefficients(form.numerator, scalars)
    places = [left + right for _, left, right in form.denominator]
    ratios = dict(zip(places, (bottom / top for bottom in coefficients(form.denominator, scalars)), strict=True))
    assert ratios == {(1, 0): 8.0, (0, 1): 8.0, (1, 1): -4.0}


@pytest.mark.parametrize("name", list(st.results))
def test_every_mutant_is_wrong_and_new(name):
    value = st.results[name].value
    found = mutants(value)
    assert len(found) >= (4 if value else 1)
    assert len(set(found.values())) == len(found)
    assert all(not is_zero(mutant - value) for mutant in found.values())
    assert not value or sp.Rational(21, 20) * value in found.values()
    assert mutants(value) == found


def test_mutants_of_a_known_formula():
    x, y = sp.symbols("x y", positive=True)
    found = set(mutants(x**2 / (x + 2 * y)).values())
    for wrong in (
        x**3 / (x + 2 * y),
        x**2 / x,
        x**2 / (2 * y),
        x**2 / (x - 2 * y),
        x**2 / (x + y),
        1 / (x + 2 * y),
        x**2,
        x**2 / (2 * y - x),
    ):
        assert any(sp.cancel(wrong - mutant) == 0 for mutant in found), wrong
    assert set(mutants(sp.Integer(0)).values()) == {sp.Rational(1, 20)}
