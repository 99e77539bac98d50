"""Expansions against the remainder's observed order, sympy.series and mpmath.taylor; leading errors of all limits."""

import dataclasses

import mpmath
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from sgdtheory.algebra.derivation import is_zero
from sgdtheory.algebra.series import SeriesError, expansion, leading_error, leading_term
from sgdtheory.catalogue import results
from sgdtheory.closed_form import Kind, value_at
from sgdtheory.errors import DomainError, SGDTheoryError
from sgdtheory.numeric.claims import scaled_point
from sgdtheory.numeric.ladder import climb
from sgdtheory.symbols import glossary

x, a, b = sp.symbols("x a b", positive=True)
PLACE = {a: sp.Rational(2, 3), b: sp.Rational(5, 7)}
PROFILE = settings(derandomize=True, deadline=None, database=None, max_examples=40)
LIMITS = [name for name, form in results.items() if form.kind is Kind.ASYMPTOTIC]

number = some.tuples(some.integers(-3, 3).filter(bool), some.integers(1, 3)).map(lambda pair: sp.Rational(*pair))
linear = some.tuples(number, some.sampled_from([x, a, b, a * x, a * b, b * x])).map(lambda pair: pair[0] * pair[1])
pieces = some.one_of(
    linear,
    linear.map(sp.exp),
    linear.map(lambda u: sp.log(1 + x * u)),
    linear.map(lambda u: sp.sqrt(a + x * u)),
    linear.map(lambda u: 1 / (b + x * u)),
    linear.map(lambda u: (1 + x * u) ** (b / x)),
    linear.map(lambda u: (a + x * u) ** (b + x)),
    some.just(1 / x),
)
expressions = some.recursive(
    pieces,
    lambda inner: some.one_of(
        some.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        some.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        some.tuples(inner, inner).map(lambda pair: pair[0] - pair[1]),
    ),
    max_leaves=4,
)


def at(expression, small):
    """Return the value at x = small, a = 2/3, b = 5/7, to 200 digits."""
    with mpmath.workdps(200):
        place = [mpmath.mpf(small), *(mpmath.mpf(v.p) / v.q for v in PLACE.values())]
        return mpmath.mpmathify(sp.lambdify([x, *PLACE], expression, "mpmath")(*place))


@PROFILE
@given(expressions)
def test_what_is_left_out_is_smaller_than_the_last_term(expression):
    """At x = 1e-20 and 1e-21, with 200 digits, the remainder falls with at least the first power that is left out.

    A wrong coefficient would leave a remainder of its own, lower power.
    """
    assume(not is_zero(expression))
    found = expansion(expression, x, 3)
    assert not is_zero(found.coefficients[0])
    assert not any(coefficient.has(x) for coefficient in found.coefficients)
    with mpmath.workdps(200):
        small = [mpmath.mpf(10) ** -n for n in (20, 21)]
        left = [abs(at(expression, h) - at(found.expression, h)) for h in small]
        if left[1] > mpmath.mpf(10) ** -160:
            assert mpmath.log10(left[0] / left[1]) > found.order + 2.99
        lead = at(expression, small[1]) / small[1] ** found.order
        assert abs(lead - at(found.coefficients[0], small[1])) < mpmath.mpf(10) ** -15 * (1 + abs(lead))


@pytest.mark.parametrize(
    "expression",
    [
        sp.exp(a * x),
        1 / (a - x),
        sp.sin(x) / x**2,
        sp.log(1 + a * x) / x,
        sp.sqrt(a + x) - sp.sqrt(a),
        (1 - a * x) ** b,
        (1 - a * x) / (1 - b * x) ** 3,
        sp.tanh(x) - x,
        -1 / sp.log(1 - x),
        (1 + x) ** (1 / x),
    ],
)
def test_agrees_with_sympy(expression):
    found = expansion(expression, x, 3)
    theirs = sp.series(expression, x, 0, found.order + 3).removeO()
    # SymPy counts the order relative to other things for some of these; both must agree where both know.
    for power in range(found.order, found.order + 3):
        mine = found.coefficients[power - found.order]
        assert sp.simplify(mine - sp.expand(theirs).coeff(x, power)) == 0


@pytest.mark.parametrize(
    ("expression", "function"),
    [
        (sp.exp(sp.sin(x)), lambda u: mpmath.exp(mpmath.sin(u))),
        (1 / (1 + sp.exp(-x)), lambda u: 1 / (1 + mpmath.exp(-u))),
        (sp.sqrt(2 + x) * sp.cosh(x), lambda u: mpmath.sqrt(2 + u) * mpmath.cosh(u)),
        (sp.gamma(1 + x) * sp.erf(x + 1), lambda u: mpmath.gamma(1 + u) * mpmath.erf(1 + u)),
        ((3 - x) ** (2 - x), lambda u: (3 - u) ** (2 - u)),
        (sp.log(sp.Abs(x - 3)), lambda u: mpmath.log(3 - u)),
    ],
)
def test_agrees_with_taylor(expression, function):
    with mpmath.workdps(40):
        wanted = [sp.Float(coefficient, 40) for coefficient in mpmath.taylor(function, 0, 6)]
    found = expansion(expression, x, 6)
    for power, coefficient in enumerate(found.coefficients, found.order):
        assert abs(coefficient.n(40) - wanted[power]) < sp.Float("1e-20")


def test_a_small_parameter_in_the_exponent():
    s, p, q = sp.symbols("s p q", positive=True)
    found = expansion(((1 - x * p) * (1 - x * q)) ** (s / x), x, 2)
    assert found.order == 0
    assert is_zero(found.coefficients[0] - sp.exp(-s * (p + q)))
    assert is_zero(found.coefficients[1] + s * (p**2 + q**2) / 2 * sp.exp(-s * (p + q)))
    assert leading_term(p**x - 1, x) == (1, sp.log(p))


def test_the_leading_term_is_found_behind_any_cancellation():
    for depth in (1, 3, 6, 9):
        polynomial = sum(x**k / sp.factorial(k) for k in range(depth))
        assert leading_term(sp.exp(x) - polynomial, x) == (depth, 1 / sp.factorial(depth))
        assert leading_term(1 / (sp.exp(x) - polynomial), x) == (-depth, sp.factorial(depth))


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        (x - x, "it is zero"),
        ((x + 1) ** 2 - x**2 - 2 * x - 1, "it is zero"),
        (sp.log(x), "log is not smooth at 0"),
        (sp.sqrt(x), "not a whole power of x"),
        (sp.exp(1 / x), "grows without bound"),
        (a ** (1 / x), "grows without bound"),
        (sp.gamma(x), "gamma is not smooth at 0"),
        (sp.Abs(sp.Symbol("u", real=True) + x), "the sign of .* is not known"),
        (sp.Max(x, a), "Max of x has none that is known"),
        (sp.floor(x + a), "floor is not smooth"),
        (sp.Function("f")(x), "f is not smooth"),
        (sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1, "it is zero at all points"),
        (1 / ((x + 1) ** 2 - x**2 - 2 * x - 1), "is zero"),
        (sp.sin(a) ** 2 + sp.cos(a) ** 2 - 1 + x, "cannot decide whether .* is zero"),
        (sp.sqrt(3 + 2 * sp.sqrt(2)) - 1 - sp.sqrt(2) + x, "cannot decide whether .* is zero"),
        ((sp.sin(a) ** 2 + sp.cos(a) ** 2 - 1 + x) ** -2, "cannot decide whether .* is zero"),
        ((1 + x) ** a - sp.exp(a * sp.log(1 + x)), "it is zero at all points"),
        (1 / ((1 + x) ** a - sp.exp(a * sp.log(1 + x))), "is zero at all points"),
    ],
)
def test_what_has_no_expansion_is_refused(expression, says):
    with pytest.raises(SeriesError, match=says) as refusal:
        expansion(expression, x, 2)
    assert isinstance(refusal.value, SGDTheoryError)
    assert refusal.value.mend


def test_a_coefficient_that_is_only_small_is_a_leading_one():
    tiny = sp.sqrt(2) - sp.Rational(14142135623730951, 10**16)
    assert leading_term(tiny + x, x) == (0, tiny)
    assert leading_term(sp.sin(a) ** 2 + x, x) == (0, sp.sin(a) ** 2)


def test_a_text_is_never_run():
    text = "__import__('os').system('true')"
    for hidden in (text, (text,), {text}):
        with pytest.raises(DomainError, match="no expression"):
            expansion(hidden, x, 2)
    with pytest.raises(DomainError, match="no symbol"):
        expansion(x, "x", 2)
    assert expansion(3, x, 2).coefficients == (3, 0)


# Leading errors of limits.


@pytest.mark.parametrize("name", LIMITS)
def test_leading_error_is_what_the_numbers_show(name):
    """Independent of the expansion: exact and approximate values, 100 digits, where eta has been halved 20 times."""
    form = results[name]
    error, small = leading_error(form), glossary[form.limit.small].word
    for point in form.points:
        near = scaled_point(point, small, form.limit.scaling, 20)
        exact, value, term = (
            value_at(f, near, v, 100) for f, v in ((form.limit.exact, None), (form, None), (form, error.term))
        )
        for e, v, r in zip(exact, value, term, strict=True):
            # r may vanish between like modes, and of what is antisymmetric all do
            assert abs((e - v) / r - 1) < 1e-4 if r else abs(e - v) <= 1e-10 * abs(v)
            if error.direction is not None and e:
                assert bool(abs(v) < abs(e)) is (error.direction == "low")
        if error.factor is not None and not error.summed:
            for e, v, f in zip(exact, value, value_at(form, near, error.factor, 100), strict=True):
                assert f == 1 or e == 0 or abs((v / e - 1) / (f - 1) - 1) < 1e-4
    assert error.is_limit
    assert error.term.free_symbols <= set(glossary)
    assert error.factor is None or error.factor.free_symbols <= set(glossary)


def test_the_diffusion_limit_is_low_by_half_of_eta_lambda():
    excess = leading_error(results["quadratic.stationary_excess_loss_diffusion"])
    symbols = {symbol.name: symbol for symbol in excess.factor.free_symbols}
    assert is_zero(excess.factor - (1 - symbols["eta"] * symbols["lambda_i"] / 2))
    assert (excess.direction, excess.summed, excess.order, excess.exact_order) == ("low", "i", 2, 1)
    mean = leading_error(results["quadratic.mean_trajectory_diffusion"])
    assert (mean.direction, mean.order, mean.exact_order) == ("high", 1, 0)
    penalty = leading_error(results["quadratic.sgd_test_penalty_limit"])
    assert (penalty.factor, penalty.order) == (None, 1)


@pytest.mark.parametrize("name", LIMITS)
def test_what_is_no_limit_is_refused(name):
    """A value off by 0.1 % has the order of the exact value itself; so has no value at all."""
    form = results[name]
    wrong = form.value * sp.Rational(1001, 1000) if form.value else sp.Rational(1, 1000)
    near = dataclasses.replace(form, value=wrong, errata=())
    assert not leading_error(near).is_limit
    (rung,) = climb(near, rungs=(3,))
    assert not rung.passed
    assert rung.detail.startswith("no limit")


def test_a_limit_that_is_exact_has_no_error():
    form = results["quadratic.stationary_excess_loss_diffusion"]
    same = dataclasses.replace(form, value=form.limit.exact.value)
    with pytest.raises(SeriesError, match="it is zero"):
        leading_error(same)
    for rung in climb(same, rungs=(3, 5)):
        assert not rung.passed


def test_a_wrong_leading_term_is_seen(monkeypatch):
    """The numbers check the expansion: a leading term off by 1e-5, or of another order, fails rung 3."""
    from sgdtheory.numeric import ladder

    form = results["quadratic.transient_covariance_diffusion"]
    true = leading_error(form)
    for wrong in (
        dataclasses.replace(true, term=true.term * (1 + sp.Rational(1, 10**5))),
        dataclasses.replace(true, order=true.order + 1),
    ):
        monkeypatch.setattr(ladder, "leading_error", lambda form, wrong=wrong: wrong)
        (rung,) = climb(form, rungs=(3,))
        assert not rung.passed


def test_only_limits_have_a_leading_error():
    with pytest.raises(DomainError, match="only a limit has a leading error"):
        leading_error(results["quadratic.stationary_covariance"])
