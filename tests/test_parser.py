"""The formula reader: against Python's own grammar, SymPy's own printer, and what a person may type wrongly."""

import re

import pytest
import sympy as sp
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as hs

from sgdtheory.algebra.grammar import FUNCTIONS
from sgdtheory.algebra.parser import check_symbol_name, parse
from sgdtheory.errors import ParseError, SGDTheoryError

X, Y, A = SYMBOLS = sp.symbols("x y a_1", real=True)
NAMES = {symbol.name: symbol for symbol in SYMBOLS}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("(x - y)**2 / 2", (X - Y) ** 2 / 2),
        ("x^2", X**2),
        ("-x^2", -(X**2)),
        ("x^2^3", X**8),
        ("2^-1", sp.Rational(1, 2)),
        ("0.1*x", X / 10),
        (".5", sp.Rational(1, 2)),
        ("2.", sp.Integer(2)),
        ("1.5e-3", sp.Rational(3, 2000)),
        ("2E2", sp.Integer(200)),
        ("x**0.5", sp.sqrt(X)),
        ("(1 + x^2)**(-3/2)", (1 + X**2) ** sp.Rational(-3, 2)),
        ("log(1 + exp(-y*x))", sp.log(1 + sp.exp(-Y * X))),
        ("log(x*sqrt(2*pi))", sp.log(X * sp.sqrt(2 * sp.pi))),
        ("--+-x", -X),
        ("x\n\t- y\r\n", X - Y),
        ("lambda*x", sp.Symbol("lambda", real=True) * X),
        ("lambda_i - lambda_", sp.Symbol("lambda_i", real=True) - sp.Symbol("lambda_", real=True)),
        ("S + N + Q + beta + gamma", sum(sp.symbols("S N Q beta gamma", real=True))),  # SymPy's own names
    ],
)
def test_a_formula_is_read_as_it_is_meant(text, value):
    assert parse(text) == value


def test_every_function_is_sympys_own():
    for name in FUNCTIONS:
        assert parse(f"{name}(1 + x^2)") == getattr(sp, name)(1 + X**2)


def test_names_carry_their_assumptions():
    positive, e = sp.Symbol("x", positive=True), sp.Symbol("E")
    assert parse("sqrt(x^2)", {"x": positive}) == positive
    assert parse("sqrt(x^2)") == sp.Abs(X)
    assert parse("pi*E", {"pi": Y, "E": e}) == Y * e
    assert parse("pi") == sp.pi
    with pytest.raises(TypeError, match="names"):
        parse("x", {"x": 3})


def test_symbols_without_assumptions_are_read_unless_sympy_would_work_out_imaginary_parts():
    x, y = sp.symbols("x y")
    assert parse("tanh(x*y)**2", {"x": x, "y": y}) == sp.tanh(x * y) ** 2
    with pytest.raises(ParseError, match="may not be real"):
        parse("log(sinh((x + 1/1000)**-16))", {"x": x})
    with pytest.raises(ParseError, match="may not be real"):
        parse("17*cosh(exp(y**16))", {"y": y})
    assert parse("17*cosh(y**16)") == 17 * sp.cosh(Y**16)


def test_strict_refuses_a_typo_and_offers_what_was_meant():
    theta = sp.Symbol("theta")
    with pytest.raises(ParseError) as caught:
        parse("(thata - x)**2", {"theta": theta, "x": X}, strict=True)
    assert caught.value.mend == "did you mean 'theta'"
    assert caught.value.column == 1
    assert parse("pi*theta", {"theta": theta}, strict=True) == sp.pi * theta


WRONG = {
    # text: (where the caret stands, words of the message)
    "2x + 1": (1, ["an operator is missing", "2*x"]),
    "x y": (2, ["an operator is missing", "x*y"]),
    "(a)(b)": (3, ["an operator is missing", ")*("]),
    "x(1 + y)": (0, ["unknown function 'x'", "x*(...)"]),
    "ln(x)": (0, ["unknown function 'ln'", "'log'"]),
    "exq(x)": (0, ["'exp'"]),
    "exp": (0, ["is a function", "exp(...)"]),
    "exp()": (4, ["a value is missing before ')'"]),
    "exp(x, y)": (5, ["comma"]),
    "0,5*x": (1, ["',' cannot stand here"]),
    "(x": (0, ["not closed"]),
    "x)": (1, ["not opened"]),
    "x +": (3, ["ends too early"]),
    "x +* y": (3, ["a value is missing before '*'"]),
    "x = 2": (2, ["'=' cannot stand here"]),
    "x // y": (3, ["a value is missing before '/'"]),
    "x ** y": (2, ["exponent", "exp(b*log(a))"]),
    "x ** 17": (2, ["exponent", "at most 16"]),
    "x ** (1/17)": (2, ["exponent"]),
    "x / 0": (2, ["divides by zero"]),
    "1 / (y - y)": (2, ["divides by zero"]),
    "0 ** -1": (2, ["divides by zero"]),
    "log(0)": (0, ["not finite"]),
    "sqrt(-1)": (0, ["not real"]),
    "log(1 - 2)": (0, ["not real"]),
    "sqrt(-x^2)": (0, ["not real"]),
    "log(sinh((sqrt(x) + 1)**-16))": (4, ["may not be real", "positive"]),
    "I*x": (0, ["'I' is not read as a symbol"]),
    "E": (0, ["exp(1)"]),
    "oo": (0, ["infinity"]),
    "x if y else 0": (2, ["'if' is a word of Python"]),
    "import os": (0, ["'import' is a word of Python"]),
    "x__y": (0, ["not a name"]),
    "a" * 33: (0, ["not a name"]),
    "_x": (0, ["'_' cannot stand here"]),
    "x.y": (1, ["'.' cannot stand here"]),
    "x > 0": (2, ["'>' cannot stand here"]),
    "1_000": (1, ["'_' cannot stand here"]),
    "θ*x": (0, ["THETA", "write theta"]),
    "x − 1": (2, ["MINUS SIGN", "write -"]),
    "x²": (1, ["write **2"]),
    "x\x00": (1, ["U+0000"]),
    "1e400": (0, ["512 bits"]),
    "1e-999999999": (0, ["512 bits"]),
    "9" * 200: (0, ["512 bits"]),
    "(2^16)^16 * (2^16)^16 * 2": (10, ["512 bits"]),
    "(3^16)^16*3^10*(3^16)^16": (14, ["512 bits"]),
    "((x^16)^16)": (7, ["degree is 256"]),
    "*".join(["x^16"] * 5): (19, ["degree is 80"]),
    "(a + b + c + d + e + f)^16": (23, ["terms when it is multiplied out"]),
    "*".join(["(a + b + c)"] * 8): (83, ["terms when it is multiplied out"]),
    "exp(exp(exp(exp(x))))": (0, ["functions inside each other"]),
    "exp(101)": (0, ["so large"]),
    "(" * 33 + "x" + ")" * 33: (32, ["brackets"]),
    "2" + "**2" * 40: (97, ["powers inside each other"]),
    "+".join("x" * 151): (300, ["numbers, names and signs"]),
    "x" * 1001: (None, ["1001 characters"]),
    "": (None, ["the text is empty"]),
    " \n": (None, ["the text is empty"]),
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: repr(text)[:30])
def test_an_error_points_at_its_place(text):
    column, words = WRONG[text]
    with pytest.raises(ParseError) as caught:
        parse(text)
    error = caught.value
    assert isinstance(error, SGDTheoryError)
    assert error.column == column
    message = str(error)
    for word in words:
        assert word in message
    assert error.what and error.allowed and error.mend  # noqa: PT018
    assert message.isascii()
    if column is not None:
        _, formula, caret = message.split("\n")
        assert re.fullmatch(r" *\^", caret)
        shown = formula[len(caret) - 1 :]
        rest = text[column : column + 1]
        assert shown.startswith(rest if " " < rest <= "~" else "<U+" if rest else "")


@pytest.mark.parametrize("text", [None, 3, b"x", ["x"], X], ids=repr)
def test_only_texts_are_read(text):
    with pytest.raises(ParseError, match="not a text"):
        parse(text)


@pytest.mark.parametrize("name", ["x", "lambda", "theta_1", "Z9", "lambda_", "a" * 32])
def test_good_names(name):
    assert check_symbol_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "1x", "_x", "x__y", "x y", "x;y", "import", "None", "exp", "θ", "ｘ", "a" * 33, "x\n", 3, None],
    ids=repr,
)
def test_bad_names(name):
    with pytest.raises(ParseError):
        check_symbol_name(name)


# Random trees, written with all their brackets, against the same tree built by SymPy's operators.


def _leaves():
    numbers = hs.integers(0, 20).map(lambda n: (str(n), sp.Integer(n)))
    decimals = hs.decimals(0, 9, places=2).map(lambda d: (str(d), sp.Rational(str(d))))
    return hs.sampled_from([(symbol.name, symbol) for symbol in SYMBOLS]) | numbers | decimals


def _grown(inner):
    def joined(sign):
        def join(pair):
            (left, a), (right, b) = pair
            assume(sign != "/" or b != 0)
            value = {"+": a + b, "-": a - b, "*": a * b}[sign] if sign != "/" else a / b
            return f"({left}){sign}({right})", value

        return hs.tuples(inner, inner).map(join)

    def powered(pair):
        (text, value), exponent = pair
        assume(value != 0 or exponent >= 0)
        return f"({text})**{exponent}", value**exponent

    def called(pair):
        (text, value), name = pair
        assume(value.free_symbols and "(" + name not in text)
        return f"{name}({text})", getattr(sp, name)(value)

    functions = hs.sampled_from(["exp", "sin", "cos", "tanh", "atan", "erf", "sinh", "cosh"])
    return hs.one_of(
        *(joined(sign) for sign in "+-*/"),
        hs.tuples(inner, hs.integers(-3, 3)).map(powered),
        hs.tuples(inner, functions).map(called),
        inner.map(lambda pair: (f"-({pair[0]})", -pair[1])),
    )


def _within_budgets(pair):
    text, value = pair
    calls = max(map(text.count, FUNCTIONS))
    return calls <= 3 and not value.has(sp.nan, sp.zoo)


TREES = hs.recursive(_leaves(), _grown, max_leaves=7).filter(_within_budgets)
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}


@given(TREES)
@settings(max_examples=300, **QUIET)
def test_random_trees_are_read_back(tree):
    text, value = tree
    try:
        found = parse(text, NAMES)
    except ParseError as error:
        assert error.allowed.startswith("at most")  # noqa: PT017
        assume(False)
    assert found == value


@given(TREES)
@settings(max_examples=150, **QUIET)
def test_what_sympy_prints_is_read_back(tree):
    _, value = tree
    try:
        found = parse(str(value), NAMES)
    except ParseError as error:
        assert error.allowed.startswith("at most") or "E" in str(value)  # noqa: PT017
        assume(False)
    # SymPy prints a number times a sum without multiplying it out, which its own operators would do.
    assert found == value or sp.expand(sp.numer(sp.together(found - value))) == 0


SIGNED = hs.tuples(
    hs.sampled_from(["+", "-", "*", "/"]),
    hs.sampled_from(["", "-"]),
    hs.sampled_from("xy1235"),
    hs.sampled_from(["", "", "**2", "**-3", "**2**2", "**2**-1", "**-1**2"]),
)


@given(hs.lists(SIGNED, max_size=6))
@settings(max_examples=400, **QUIET)
def test_precedence_is_pythons(parts):
    """Chains of signs without brackets, against Python's own reading of them."""
    text = "x" + "".join(map("".join, parts))
    value = eval(re.sub(r"[0-9]+", r"S(\g<0>)", text), {"S": sp.Integer, **NAMES})
    try:
        found = parse(text, NAMES)
    except ParseError as error:
        assert "exponent" in error.what or error.allowed.startswith("at most") or value.has(sp.zoo, sp.nan)  # noqa: PT017
        assume(False)
    assert found == value
