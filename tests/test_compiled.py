"""Compiled expressions: right numbers, right shapes, no overflow, and no code of others."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as hs

from sgdtheory.errors import DomainError, NonFiniteError, ShapeError
from sgdtheory.numeric.compiled import compiled, stable

X, Y, THETA = sp.symbols("x y theta", real=True)
LOSS = sp.log(1 + sp.exp(-Y * THETA * X))
EXTREME = [-2000.0, -800.0, -40.0, -1.0, 0.0, 1.0, 40.0, 800.0, 2000.0]


def exact(expression, **values):
    """The value by mpmath at 60 digits, symbol by symbol: nothing of NumPy in it."""
    chosen = {symbol: sp.Float(value, 60) for symbol, value in zip((X, Y, THETA), values.values(), strict=True)}
    with mpmath.workdps(60):
        return float(expression.xreplace(chosen).evalf(60))


@pytest.mark.parametrize("theta", EXTREME)
@pytest.mark.parametrize("form", ["as differentiated", "multiplied out", "factored", "together"])
@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_logistic_losses_never_overflow(order, form, theta):
    """However the derivatives are written; a NumPy warning would be an error here."""
    rewrite = {
        "as differentiated": lambda e: e,
        "multiplied out": sp.expand,
        "factored": sp.factor,
        "together": lambda e: sp.cancel(sp.together(e)),
    }
    expression = rewrite[form](sp.diff(LOSS, THETA, order))
    found = compiled(expression, [X, Y, THETA])(1.5, -1.0, theta)
    wanted = exact(sp.diff(LOSS, THETA, order), x=1.5, y=-1.0, theta=theta)
    assert found == pytest.approx(wanted, rel=1e-12, abs=1e-15)


def test_what_has_no_sum_of_exponentials_stays_as_it_is():
    for expression in (X**2, sp.exp(X), sp.log(2 + sp.exp(X)), sp.log(1 - sp.exp(X)), 1 / (1 + X), sp.exp(X) / (1 + X)):
        assert stable(expression) == expression


@given(
    hs.recursive(
        hs.sampled_from([X, Y, THETA, sp.Rational(2, 3), sp.Integer(2), sp.Float(0.7), sp.pi, sp.E]),
        lambda inner: hs.one_of(
            hs.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
            hs.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
            hs.tuples(inner, hs.integers(-2, 3)).map(lambda pair: (2 + pair[0] ** 2) ** pair[1]),
            hs.tuples(inner, hs.sampled_from([sp.sin, sp.cos, sp.tanh, sp.atan, sp.erf])).map(lambda p: p[1](p[0])),
            inner.map(lambda e: sp.log(1 + sp.exp(e))),
            inner.map(lambda e: sp.exp(e) / (1 + sp.exp(e)) ** 2),
            inner.map(lambda e: sp.sqrt(1 + e**2)),
        ),
        max_leaves=6,
    )
)
@settings(max_examples=150, deadline=None)
def test_random_expressions_against_sixty_digits(expression):
    points = [(0.25, -1.5, 0.75), (-0.5, 0.125, 1.25)]
    found = compiled(expression, [X, Y, THETA])(*np.transpose(points))
    for value, (x, y, theta) in zip(found, points, strict=True):
        wanted = exact(expression, x=x, y=y, theta=theta)
        assert value == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_shapes():
    column, row = np.arange(3.0)[:, None], np.arange(4.0)
    assert compiled(X * Y, [X, Y])(column, row).shape == (3, 4)
    assert compiled(7, [X, Y])(column, row).tolist() == [[7.0] * 4] * 3
    assert compiled([X, Y, 1], [X, Y])(column, row).shape == (3, 4, 3)
    matrix = compiled(sp.Matrix([[X, Y, 0], [1, 2, X + Y]]), [X, Y])
    assert matrix(column, row).shape == (3, 4, 2, 3)
    assert matrix(1, 2).tolist() == [[1, 2, 0], [1, 2, 3]]
    assert compiled([[[X]]], [X])(1.0).shape == (1, 1, 1)
    assert compiled([], [X])([1.0, 2.0]).shape == (2, 0)
    assert isinstance(compiled(X, [X])(2), float)
    assert compiled(3, [])() == 3.0


def test_numbers_of_every_kind():
    assert compiled(1 / X, [X])(np.array([2, 4])).tolist() == [0.5, 0.25]  # whole numbers with a negative exponent
    assert compiled(10**40 * X, [X])(2.0) == 2e40
    assert compiled(sp.Rational(10**40, 3) * X, [X])(3.0) == pytest.approx(1e40, rel=1e-15)
    assert compiled(np.float64(0.5), [X])(1.0) == 0.5
    assert compiled(np.array([[1, 2], [3, 4]]), [X])(1.0).tolist() == [[1, 2], [3, 4]]
    assert compiled(sp.sign(X) * abs(X), [X])([-2.0, 3.0]).tolist() == [-2.0, 3.0]


def test_inputs_are_not_changed():
    values = np.array([1, 2, 3])
    compiled([X, X**2], [X])(values)
    assert values.tolist() == [1, 2, 3]
    first = compiled(X, [X])(floats := np.array([1.0, 2.0]))
    first[0] = 9.0
    assert floats.tolist() == [1.0, 2.0]


NAMES = [
    "x); import os; os.mkdir({place}); (",
    "__import__('os').mkdir({place})",
    "[open({place}, 'w')][0]",
    "x\nimport os\nos.mkdir({place})\n",
    "v0",
    "v1",
    "x0",
    "lambda",
    "",
    "sin",
    "numpy",
]


def test_code_in_the_name_of_a_symbol_never_runs(tmp_path):
    """And names that clash with those that are generated mix nothing up."""
    place = tmp_path / "canary"
    symbols = [sp.Symbol(name.format(place=repr(str(place)))) for name in NAMES]
    symbols += [sp.Dummy(name.format(place=repr(str(place)))) for name in NAMES]
    values = np.arange(2.0, 2 + len(symbols))
    total = compiled([sum(s**k for k, s in enumerate(symbols)), *symbols], symbols)(*values)
    assert total[0] == pytest.approx(sum(value**k for k, value in enumerate(values)))
    assert total[1:].tolist() == values.tolist()
    assert not place.exists()
    with pytest.raises(DomainError) as caught:
        compiled(symbols[0] + X, [X])
    assert not place.exists()
    assert len(caught.value.got) <= 60


class Printing(sp.Function):
    """A function that prints itself as code."""

    def _numpycode(self, printer):
        raise AssertionError("printed")

    _lambdacode = _pythoncode = _sympystr = _numpycode


class Posing(sp.Symbol):
    """A symbol that does the same."""

    _numpycode = _lambdacode = _pythoncode = Printing._numpycode


class exp(sp.Function):  # noqa: N801
    """A function that only shares a known name."""


FOREIGN = {
    "own function": Printing(X),
    "own symbol": Posing("x"),
    "hidden deep": sp.sin(X + sp.sqrt(1 + Printing(X) ** 2)),
    "known name": exp(X),
    "undefined function": sp.Function("__import__('os').mkdir")(X),
    "integral": sp.Integral(sp.exp(-(X**2)), X),
    "piecewise": sp.Piecewise((X, X > 0), (0, True)),
    "relation": X > 0,
    "indexed": sp.IndexedBase("x")[0],
    "matrix symbol": sp.MatrixSymbol("A", 2, 2)[0, 0],
    "imaginary": sp.I * X,
    "infinity": sp.oo,
    "nan": sp.nan,
    "complex infinity": sp.zoo,
    "text": "x**2",
    "bytes": b"x",
    "nothing": None,
    "truth": True,
    "complex number": 1j,
    "class": sp.exp,
    "dictionary": {X: 1},
}


@pytest.mark.parametrize("name", FOREIGN)
def test_foreign_parts_are_refused(name):
    for expression in (FOREIGN[name], [X, FOREIGN[name]]):
        with pytest.raises(DomainError) as caught:
            compiled(expression, [X])
        assert caught.value.allowed


def test_a_posing_argument_is_refused():
    for argument in (Posing("x"), "x", X + 1, sp.Integer(1)):
        with pytest.raises(DomainError, match="not a symbol"):
            compiled(X, [argument])


def test_missing_symbols_name_themselves():
    with pytest.raises(DomainError, match="'theta', 'y'"):
        compiled(X * Y + THETA, [X])
    with pytest.raises(DomainError, match="other assumptions"):
        compiled(sp.Symbol("x"), [X])
    with pytest.raises(DomainError, match="twice"):
        compiled(X, [X, X])


def test_wrong_shapes_and_numbers():
    with pytest.raises(ShapeError, match="lengths"):
        compiled([[X], [X, Y]], [X, Y])
    with pytest.raises(NonFiniteError):
        compiled([float("nan")], [X])
    with pytest.raises(TypeError, match="takes 2"):
        compiled(X, [X, Y])(1.0)
