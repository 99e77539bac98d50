"""Derivations check each step and say how; nothing calls two different things equal."""

import dataclasses
import re

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as some

import sgdtheory as st
from sgdtheory.algebra.derivation import Derivation, Status, Step, UnprovedStepError, is_zero, tidy
from sgdtheory.algebra.numerical_check import POINTS, UndecidedError, _values, difference
from sgdtheory.errors import DomainError, SGDTheoryError
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.process import Process

x, y, z = sp.symbols("x y z", positive=True)
n, k = sp.symbols("n k", integer=True, nonnegative=True)
a, b, r = sp.symbols("a b r", real=True)
u, w, q = sp.symbols("u w q")  # may be complex
j = sp.Symbol("j", integer=True)
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
        (1 - a) ** j - (-1) ** j * (a - 1) ** j,
        (a * b) ** j - a**j * b**j,
        ((1 - u) * (2 - u)) ** j - (1 - u) ** j * (2 - u) ** j,
        ((1 + u) / x) ** j - (1 + u) ** j / x**j,
        (x * a) ** y - x**y * a**y,  # one factor of any sign may stand beside positive ones
        (x * y * u) ** q - x**q * (y * u) ** q,
        (a**2 - 2 * a + 1) ** x - sp.Abs(a - 1) ** (2 * x),
        (-2 * a) ** x - 2**x * (-a) ** x,
        sp.Pow(4, j) - 2 ** (2 * j),
        sp.Rational(1, 2) ** j - 2 ** (-j),
        sp.Rational(2, 3) ** j - sp.Integer(2) ** j / sp.Integer(3) ** j,
        sp.I ** (2 * j) - (-1) ** j,
        (sp.I * a) ** j - sp.I**j * a**j,
        (-1) ** (j**2) - (-1) ** j,
        sp.exp(u) ** j - sp.exp(u * j),
        x / x**n - x ** (1 - n),
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
        (a * b) ** x - a**x * b**x,
        ((1 - a) * (2 - a)) ** x - (1 - a) ** x * (2 - a) ** x,
        (u**2) ** q - u ** (2 * q),
        (u * w) ** q - u**q * w**q,
        (1 / u) ** q - u ** (-q),
        (u**w) ** q - u ** (w * q),
        (a**2 - 2 * a + 1) ** x - (a - 1) ** (2 * x),
        (-2 * a) ** x - (-2) ** x * a**x,
        (1 - a) ** x - (-1) ** x * (a - 1) ** x,
        (a**2 * sp.Abs(a)) ** x - sp.Abs(a) ** x,
        sp.Derivative(x**n, x),
        sp.I**j - 1,
        sp.nan,
        sp.zoo,
    ],
)
def test_is_zero_is_not_fooled(expression):
    assert not is_zero(expression)


def test_bases_that_are_no_polynomials_stay_whole():
    for base in (2 + sp.Piecewise((x, x < 1), (1, True)), 1 + 2 * sp.sqrt(2), 1 + sp.log(u), x**sp.pi - 1):
        assert is_zero(base ** (j * (j + 1)) - base ** (j**2) * base**j)
        assert not is_zero(base**j - base ** (2 * j))


def test_a_fraction_without_a_denominator_proves_nothing():
    nothing = (x - y) ** 2 - x**2 + 2 * x * y - y**2
    assert not is_zero(nothing / nothing.func(*nothing.args[::-1]) ** 2)
    with pytest.raises(UnprovedStepError):
        Derivation(additive_noise).add("0/0", "x", nothing**2 / (x * nothing), 3 * nothing / (y * nothing**2))


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


# How a step was checked.


def test_a_step_says_how_it_was_checked():
    assert Step("", "x", x + x, 2 * x).status == "computed"  # SymPy has made both the same already
    assert Step("", "x", (x + 1) ** 2, x**2 + 2 * x + 1).status == "proved"
    assert Step("", "x", sp.sin(x) ** 2 + sp.cos(x) ** 2, sp.Integer(1), numerically=True).status == "numerical"
    assert {str(status) for status in Status} == {"proved", "numerical", "computed"}


def test_what_can_be_proved_is_proved():
    derivation = Derivation(additive_noise)
    derivation.add("square", "x", (x + 1) ** 2, x**2 + 2 * x + 1, numerically=True)
    assert [step.status for step in derivation.steps] == ["proved"]


def test_numbers_are_no_proof_unless_they_are_asked_for():
    derivation = Derivation(additive_noise)
    sides = sp.sin(2 * x), 2 * sp.sin(x) * sp.cos(x)
    with pytest.raises(UnprovedStepError, match=f"agree to 50 digits at {POINTS} points, but that is no proof"):
        derivation.add("double angle", "sin", *sides)
    assert derivation.add("double angle", "sin", *sides, numerically=True) == sides[1]
    assert [str(step.status) for step in derivation.verify().steps] == ["numerical"]


def test_a_refused_step_shows_both_sides_and_their_difference():
    derivation = Derivation(additive_noise, name="mine")
    with pytest.raises(UnprovedStepError) as refusal:
        derivation.add("cubes add up", "x", (x + y) ** 3, x**3 + y**3)
    message = str(refusal.value)
    assert message.startswith("mine: step 1 does not hold: cubes add up. Got: left (x + y)**3, right x**3 + y**3; ")
    gap, u, v = re.search(r"they differ by (\S+) at x = (\S+), y = ([^.]+)\.", message).groups()
    u, v = sp.Rational(u), sp.Rational(v)
    assert abs(3 * u * v * (u + v) / sp.Float(gap) - 1) < 1e-4
    assert isinstance(refusal.value, SGDTheoryError)


@pytest.mark.parametrize("numerically", [False, True])
@pytest.mark.parametrize(
    ("left", "right", "says"),
    [
        (sp.nan, sp.nan, "not a number"),
        (1 / x + sp.zoo, 1 / x + sp.zoo, "not a number"),
        (sp.Function("f")(x), x, "no finite values"),
        (sp.log(sp.Symbol("u", zero=True)), x, "not a number"),
        (x, x + sp.Rational(1, 10**40), "differ by -1.00000E-40"),
        (sp.sqrt(x**2 + y**2), x + y, "differ by"),
        (sp.Integer(2), sp.Integer(3), "differ by -1"),
        (sp.Symbol("w", prime=True) ** x, y, "differ by"),
        (sp.Symbol("q", irrational=True) * x, y, "no rational number obeys the assumptions about q"),
        (x + sp.Rational(1, 10**60), x, "a rational function that does not vanish"),
        (x * (1 + sp.Rational(1, 10**70)), x, "a rational function that does not vanish"),
        (sp.exp(x) * (1 + sp.Rational(1, 10**46)), sp.exp(x), "differ by"),
        (sp.prod([j - i for i in range(-9, 10)]), sp.Integer(0), "differ by|does not vanish"),
        (sp.prod([j - i for i in range(-20, 21)]) * 2**j, sp.Integer(0), "differ by|does not vanish"),
        (sp.sin(41 * sp.pi * x), sp.Integer(0), "differ by"),
        (sp.cos(82 * sp.pi * x), sp.Integer(1), "differ by"),
        (sp.floor(41 * x), 41 * x, "differ by"),
        (sp.floor(x / 10**6), sp.Integer(0), "floor may change"),
        (sp.sign(r - 10**6), sp.Integer(-1), "sign may change"),
        (sp.Max(x, 10**6), sp.Integer(10**6), "Max may change"),
        (sp.Mod(n, 10**6), n, "Mod may change"),
        (sp.Heaviside(x - 10**6), sp.Integer(0), "Heaviside may change"),
        (sp.KroneckerDelta(n, 10**6), sp.Integer(0), "KroneckerDelta may change"),
        (sp.Piecewise((x, x < 10**6), (0, True)), x, "Piecewise may change"),
        (sp.Abs(r - 20), 20 - r, "differ by"),
        (sp.sqrt((r - 20) ** 2), 20 - r, "differ by"),
        (sp.Abs(r - 10**6), 10**6 - r, "had the same sign at all of them"),
        (sp.sqrt(r**2 - 2 * 10**6 * r + 10**12), 10**6 - r, "had the same sign at all of them"),
        (sp.sqrt((r - 20) * (r - 30)), sp.sqrt(20 - r) * sp.sqrt(30 - r), "differ by"),
        (sp.conjugate(u), u, "differ by"),
        (sp.re(u), u, "differ by"),
        (sp.sqrt(1 / u), 1 / sp.sqrt(u), "differ by"),
        (sp.log(u * w), sp.log(u) + sp.log(w), "differ by"),
        (10**60 * (sp.sin(x) ** 2 + sp.cos(x) ** 2) - 10**60 + x, 2 * x, "differ by"),
        (sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1, sp.exp(-500) / 10**60, "differ by"),
    ],
)
def test_wrong_and_undecidable_steps_are_refused(left, right, says, numerically):
    with pytest.raises(UnprovedStepError, match=says):
        Derivation(additive_noise).add("so it is", "x", left, right, numerically=numerically)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (sp.sqrt(x + 2 * sp.sqrt(x) + 1), sp.sqrt(x) + 1),
        (sp.gamma(x + 1), x * sp.gamma(x)),
        (sp.log(x**2 + 2 * x + 1), 2 * sp.log(x + 1)),
        (sp.exp(sp.log(x) * y), x**y),
        (sp.binomial(n + 1, 1), n + 1),
        (sp.log(sp.exp(x) * (1 + y)) - x - sp.log(1 + y), sp.Integer(0)),
        (sp.erf(x) + sp.erfc(x), sp.Integer(1)),
        (sp.Integral(sp.exp(-z), (z, 0, x)), 1 - sp.exp(-x)),
        (sp.sin(x) ** 2 + sp.cos(x) ** 2 - 1, sp.Integer(0)),
        (10**60 * (sp.sin(x) ** 2 + sp.cos(x) ** 2) - 10**60 + x, x),
        (sp.sqrt(3 + 2 * sp.sqrt(2)), 1 + sp.sqrt(2)),
        (sp.log(sp.Abs((1 - x) ** n)), n * sp.log(sp.Abs(1 - x))),
    ],
)
def test_true_identities_hold_numerically_and_nearly_true_ones_do_not(left, right):
    assert difference(left, right) is None
    place, gap = difference(left, right + sp.Rational(1, 10**30) * (1 + x))
    assert gap
    assert set(place) <= {x, y, z, n}
    assert difference(left, right * (1 + sp.Rational(1, 10**40)) + sp.Rational(1, 10**40)) is not None


def test_an_identity_of_one_region_is_not_enough():
    assert difference(sp.sqrt(r**2 + 2 * r + 1), sp.Abs(r + 1)) is None
    assert difference(sp.sqrt(r**2 + 2 * r + 1), r + 1) is not None
    assert difference(sp.log(r**2 - r + 1) * 2, sp.log((r**2 - r + 1) ** 2)) is None  # never negative
    assert difference(sp.Abs(1 - x), 1 - x) is not None
    assert difference(sp.Abs(1 - x), x - 1) is not None


@settings(PROFILE, max_examples=15)
@given(
    some.sampled_from(
        [
            {"positive": True},
            {"negative": True},
            {"nonnegative": True, "integer": True},
            {"integer": True, "even": True},
            {"integer": True, "odd": True, "positive": True},
            {"real": True, "nonzero": True},
            {"nonpositive": True},
            {},
        ]
    ),
    rational_functions,
)
def test_points_obey_the_assumptions_and_are_the_same_each_time(assumptions, other):
    symbol = sp.Symbol("v", **assumptions)
    sides = sp.exp(symbol) + other**2, symbol + 1
    places = [place for place, _, _ in _values(*sides)]
    assert places == [place for place, _, _ in _values(*sides)]
    assert len(places) == POINTS
    assert any(place[symbol].is_real is False for place in places) is (not assumptions)
    assert len({place[symbol] for place in places}) > POINTS / 4  # not one and the same point
    for place in places:
        assert all(part.is_rational for part in place[symbol].as_real_imag())
        for assumption, said in assumptions.items():
            assert getattr(place[symbol], f"is_{assumption}") is said
        assert all(value.is_positive for other_symbol, value in place.items() if other_symbol in (x, y, z))


def test_other_expressions_are_checked_at_other_points():
    first, second = (next(_values(sp.exp(x), right))[0] for right in (x, 2 * x))
    assert first != second


def test_expressions_without_numbers_have_no_points():
    with pytest.raises(UndecidedError, match="no finite values"):
        difference(sp.Function("f")(x), sp.Function("f")(x) + 1)


@pytest.mark.parametrize("side", ["x + 1", "__import__('os').system('true')", 0.5, None, sp.Matrix([x]), sp.Eq(x, y)])
def test_what_is_no_expression_is_refused(side):
    derivation = Derivation(additive_noise)
    with pytest.raises(DomainError, match="must be a SymPy expression"):
        derivation.add("so it is", "x", side, x)
    if side is not None:  # without a right side the left one is put in lowest terms
        with pytest.raises(DomainError, match="must be a SymPy expression"):
            derivation.add("so it is", "x", x, side)
    assert derivation.add("a number", "1", x / x, 1) == 1


@pytest.mark.parametrize(
    "side", [sp.Float(0.1) * x, x**0.5, sp.oo, -sp.oo, sp.oo + u, True, False, sp.true, float("nan"), float("inf")]
)
def test_what_is_not_exact_and_finite_is_refused(side):
    derivation = Derivation(additive_noise)
    with pytest.raises(DomainError, match="exact and finite"):
        derivation.add("so it is", "x", side, side)
    with pytest.raises(DomainError, match="exact and finite"):
        Step("so it is", "x", x, side)
    assert not derivation.steps


def test_an_integral_may_have_infinite_limits():
    integral = sp.Integral(sp.exp(-z), (z, 0, sp.oo))
    assert Derivation(additive_noise).add("Integrate", "I", integral, 1, numerically=True) == 1


@pytest.mark.parametrize(("reason", "shown"), [(5, "x"), (None, "x"), ("because", None), ("because", 5), (b"x", "x")])
def test_a_step_needs_words(reason, shown):
    derivation = Derivation(additive_noise)
    with pytest.raises(DomainError, match="words of a step") as refusal:
        derivation.add(reason, shown, x, x)
    assert "Step(" in refusal.value.mend
    assert derivation.add("because", x + y, x, x) == x
    assert "because" in str(derivation)


def test_a_derivation_without_steps_has_no_value():
    with pytest.raises(DomainError, match="mine: no steps"):
        _ = Derivation(additive_noise, name="mine").value


# The premise.


def test_the_premise_is_the_step_of_the_process():
    ((left, right),) = Derivation(additive_noise).premise
    assert ((left, right),) == additive_noise.premise
    assert str(left) == "theta'"
    for piece in (r"\theta^{*}", r"\eta", "H", "n"):
        assert piece in sp.latex(right)


def test_scalars_have_a_premise_too():
    u, noise, eta = sp.symbols("u n eta", positive=True)
    process = Process(
        "cubic",
        "a cubic force",
        lambda parameters, noise, *, strength: strength * parameters**3 + noise,
        lambda values: (),
        {"parameters": u, "noise": noise, "strength": sp.Integer(2)},
    )
    assert process.premise == ((sp.Symbol("u'"), u - eta * (2 * u**3 + noise)),)


def test_a_process_without_notation_has_no_premise():
    process = dataclasses.replace(additive_noise, notation={"parameters": x, "noise": y})
    with pytest.raises(DomainError, match="no notation for curvature, minimum") as refusal:
        _ = process.premise
    assert "notation=" in refusal.value.mend


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
