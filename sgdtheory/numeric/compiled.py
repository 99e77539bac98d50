"""Turn SymPy expressions into NumPy functions, without trusting them.

SymPy's ``lambdify`` writes Python code from an expression and runs it: text hidden in the name of a symbol, or in a
class that prints itself, would run with it. Here every symbol is renamed first, and only known classes are let
through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from numbers import Integral, Real
from types import MappingProxyType
from typing import Any

import numpy as np
import sympy as sp
from scipy import special

from sgdtheory.errors import DomainError, NonFiniteError, ShapeError


class Logistic(sp.Function):
    """The function 1 / (1 + exp(-z))."""


class Softplus(sp.Function):
    """The function log(1 + exp(z))."""


FUNCTIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "Logistic": special.expit,
        "Softplus": lambda z: np.logaddexp(0.0, z),
        "erf": special.erf,
        "erfc": special.erfc,
    }
)
NUMBERS = (sp.Integer, sp.Rational, sp.Float, *map(type, (sp.S.Zero, sp.S.One, sp.S.NegativeOne, sp.S.Half)))
KNOWN = {sp.Symbol, sp.Dummy, *NUMBERS, type(sp.pi), type(sp.E), sp.Add, sp.Mul, sp.Pow, sp.Abs, sp.sign}
KNOWN |= {sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.asin, sp.acos, sp.atan, sp.erf, sp.erfc}
KNOWN |= {sp.sinh, sp.cosh, sp.tanh, sp.asinh, sp.acosh, sp.atanh}


MOST_TERMS = 8  # of a denominator that is factored


def compiled(expressions: Any, arguments: Sequence[sp.Symbol]) -> Callable[..., Any]:
    """Return expressions as one function of arrays.

    Parameters
    ----------
    expressions
        A SymPy expression or number, or a matrix or nested list of them of some shape S.
    arguments
        The symbols, in the order in which the function takes their values.

    Returns
    -------
    callable
        From arrays whose shapes broadcast to some shape B, to an array of shape B + S (a number if that is ()).
        Constants are broadcast. Terms such as log(1 + exp(z)) do not overflow.

    Raises
    ------
    DomainError
        If a part is of a class that is not known here, or a symbol is no argument.
    ShapeError
        If nested lists are of different lengths.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> compiled([x * y, 1], [x, y])([1.0, 2.0], 3.0)
    array([[3., 1.],
           [6., 1.]])
    """
    shape, entries = _entries(expressions)
    symbols = _renamed(arguments)
    for entry in entries:
        check_known(entry, symbols)
    safe = [stable(entry.xreplace(symbols)) for entry in entries]
    compute = sp.lambdify(list(symbols.values()), safe, modules=[dict(FUNCTIONS), "numpy"], cse=True)

    def function(*values: Any) -> Any:
        if len(values) != len(symbols):
            raise TypeError(f"the function takes {len(symbols)} arguments, not {len(values)}")
        arrays = [np.asarray(value, dtype=float) for value in values]
        batch = np.broadcast_shapes(*(array.shape for array in arrays))
        # An exponential that overflows to infinity is right: what divides by it is zero.
        with np.errstate(over="ignore", under="ignore"):
            found = compute(*arrays)
        return _stacked(found, arrays, batch).reshape((*batch, *shape))[()]

    return function


def _stacked(entries: list[Any], arguments: list[np.ndarray], batch: tuple[int, ...]) -> np.ndarray:
    """Return entries along a last axis; one alone is not copied, because that takes longer than most formulas."""
    if len(entries) == 1 and np.shape(entries[0]) == batch and not any(entries[0] is array for array in arguments):
        return np.asarray(entries[0], dtype=float)
    result = np.empty((*batch, len(entries)))
    for place, entry in enumerate(entries):
        result[..., place] = entry
    return result


def _renamed(arguments: Sequence[sp.Symbol]) -> dict[sp.Symbol, sp.Symbol]:
    for argument in arguments:
        if type(argument) not in (sp.Symbol, sp.Dummy):
            raise DomainError(
                "an argument is not a symbol",
                got=type(argument).__name__,
                allowed="SymPy symbols",
                mend="hand in the symbols of the expression",
            )
    if len(set(arguments)) < len(arguments):
        raise DomainError(
            "an argument is given twice", got=_listed(arguments), allowed="different symbols", mend="leave one out"
        )
    return {argument: sp.Symbol(f"v{number}", **argument.assumptions0) for number, argument in enumerate(arguments)}


def check_known(expression: sp.Basic, symbols: Mapping[sp.Symbol, Any]) -> None:
    """Refuse an expression with a class that may print itself as code, or with a symbol that has no value.

    The class must be the very one, because a subclass may print itself differently.
    """
    todo: list[sp.Basic] = [expression]
    missing = set()
    while todo:
        part = todo.pop()
        if type(part) not in KNOWN:
            raise DomainError(
                "the expression has a part that cannot be computed",
                got=type(part).__name__,
                allowed="numbers, symbols, + - * / **, " + ", ".join(sorted(kind.__name__ for kind in _functions())),
                mend="rewrite the expression with these, for example by .doit() or .rewrite(exp)",
            )
        if part.is_Symbol and part not in symbols:
            missing.add(part)
        todo.extend(part.args)
    if missing:
        raise DomainError(
            "the expression has symbols that are no arguments",
            got=_listed(missing),
            allowed=_listed(symbols) or "no symbols",
            mend="add them to the arguments, or replace them by numbers; symbols with other assumptions are different",
        )


def _functions() -> list[type]:
    return [kind for kind in KNOWN if issubclass(kind, sp.Function)]


def _listed(symbols: Any) -> str:
    return ", ".join(sorted(f"{symbol.name!a:.40}" for symbol in symbols))


def _entries(expressions: Any) -> tuple[tuple[int, ...], list[sp.Expr]]:
    if isinstance(expressions, sp.MatrixBase):
        return expressions.shape, list(expressions)
    if not isinstance(expressions, list | tuple | np.ndarray):
        return (), [_expression(expressions)]
    parts = [_entries(part) for part in expressions]
    shapes = {shape for shape, _ in parts} or {()}
    if len(shapes) > 1:
        raise ShapeError(
            "the nested lists have different lengths",
            got=str(sorted(shapes)),
            allowed="equal lengths",
            mend="hand in a rectangle of expressions",
        )
    return (len(parts), *shapes.pop()), [entry for _, entries in parts for entry in entries]


def _expression(entry: Any) -> sp.Expr:
    """Return an expression or number as SymPy; a text is refused, because SymPy would run it."""
    if isinstance(entry, sp.Basic):
        return entry
    if isinstance(entry, Fraction):
        return sp.Rational(entry.numerator, entry.denominator)
    if isinstance(entry, bool | np.bool_) or not isinstance(entry, Real):
        raise DomainError(
            "not an expression",
            got=type(entry).__name__,
            allowed="SymPy expressions and numbers",
            mend="read a text with sgdtheory.algebra.parser.parse",
        )
    if not np.isfinite(float(entry)):
        raise NonFiniteError("a number is not finite", got=entry, allowed="finite numbers", mend="replace it")
    return sp.Integer(int(entry)) if isinstance(entry, Integral) else sp.Float(float(entry))


def stable(expression: sp.Expr) -> sp.Expr:
    """Return an equal expression in which functions of 1 + exp(z) are written so that they do not overflow.

    Examples
    --------
    >>> z = sp.Symbol("z")
    >>> stable(sp.log(1 + sp.exp(z))), stable(sp.exp(z) / (1 + sp.exp(z)) ** 2)
    (Softplus(z), Logistic(-z)*Logistic(z))
    """
    if not expression.has(sp.exp):
        return expression
    expression = expression.replace(_is_sum_below, lambda power: sp.factor(power.base) ** power.exp)
    expression = expression.replace(_is_softplus, lambda log: Softplus(_exponent(log.args[0])))
    expression = expression.replace(lambda part: part.is_Mul, _logistic_product)
    return expression.replace(_is_logistic, lambda power: Logistic(-_exponent(power.base)) ** -power.exp)


def _exponent(total: sp.Expr) -> sp.Expr | None:
    """Return z of 1 + exp(z); None of anything else."""
    rest = total - 1 if total.is_Add and len(total.args) == 2 else None
    return rest.exp if isinstance(rest, sp.exp) else None


def _is_sum_below(part: sp.Basic) -> bool:
    """Return whether a denominator is a sum that may be a power of 1 + exp(z) multiplied out."""
    if not (isinstance(part, sp.Pow) and part.base.is_Add and part.exp.is_Integer and part.exp < 0):
        return False
    few = len(part.base.args) <= MOST_TERMS
    return few and part.base.has(sp.exp) and _exponent(part.base) is None


def _is_softplus(part: sp.Basic) -> bool:
    return isinstance(part, sp.log) and _exponent(part.args[0]) is not None


def _is_logistic(part: sp.Basic) -> bool:
    return isinstance(part, sp.Pow) and part.exp.is_Integer and bool(part.exp < 0) and _exponent(part.base) is not None


def _logistic_product(product: sp.Mul) -> sp.Expr:
    """Return exp(k z) / (1 + exp(z))**n as Logistic(z)**k Logistic(-z)**(n - k), for 0 < k <= n, in each term."""
    factors = list(product.args)
    if not any(map(_is_logistic, factors)):
        return product
    sums = [factor for factor in factors if factor.is_Add and factor.has(sp.exp)]
    if sums:
        rest = sp.Mul(*(factor for factor in factors if factor not in sums))
        return sp.Add(*(_logistic_product(term * rest) for term in sp.Add.make_args(sp.expand(sp.Mul(*sums)))))
    for place, factor in enumerate(factors):
        if not _is_logistic(factor):
            continue
        z, n = _exponent(factor.base), -factor.exp
        for other, numerator in enumerate(factors):
            count = sp.cancel(numerator.exp / z) if isinstance(numerator, sp.exp) else sp.S.Zero
            if count.is_Integer and 0 < count <= n:
                factors[place], factors[other] = Logistic(-z) ** (n - count), Logistic(z) ** count
                break
    return sp.Mul(*factors)
