"""Rewrite a formula so that floating point keeps its digits where textbook code loses them.

``1 - (1 - x)**t`` cancels when x is tiny, and over x it is 0/0 at x = 0. Both are a geometric sum, which has neither
problem; likewise ``1 - exp(-y)`` over y. The rewritten expression equals the original one; only NumPy sees it.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from scipy import special

from sgdtheory.numeric.exit_variance import exit_variance
from sgdtheory.numeric.falling_rates import falling_rates_sum
from sgdtheory.numeric.gegenbauer import gegenbauer
from sgdtheory.numeric.hypergeometric import hypergeometric, log_hypergeometric


class GeometricSum(sp.Function):
    """The sum of (1 - x)**s over s = 0 ... t - 1, which is (1 - (1 - x)**t) / x."""


class PowerOfRest(sp.Function):
    """The power (1 - x)**t."""


class DecayRatio(sp.Function):
    """The ratio (1 - exp(-y)) / y."""


class LogOfRest(sp.Function):
    r"""The logarithm of \|1 - x\|."""


def stable(value: sp.Expr) -> sp.Expr:
    """Return an equal expression in which differences from one are written through the functions above.

    Examples
    --------
    >>> x, t = sp.Symbol("x"), sp.Symbol("t", integer=True)
    >>> stable((1 - (1 - x) ** t) / x)
    GeometricSum(x, t)
    """
    made: dict[sp.Dummy, sp.Expr] = {}
    value = sp.expand_power_exp(value).replace(_is_one_minus, lambda total: _rewritten(total, made))
    for dummy, function in made.items():
        value = _polynomial_in(value, dummy, function)
    value = value.replace(sp.log, _log_of_rest)
    return value.replace(_is_symbolic_power, lambda power: PowerOfRest(*_rest(power)))


def _polynomial_in(value: sp.Expr, dummy: sp.Dummy, function: sp.Expr) -> sp.Expr:
    """Return a polynomial in a dummy with a function in its place, the factors of its powers in lowest terms.

    What is no polynomial, for example where the dummy is in a denominator, only gets the function.
    """
    if not value.is_polynomial(dummy):
        return value.xreplace({dummy: function})
    terms, order = [value.xreplace({dummy: sp.Integer(0)})], 0
    while value.has(dummy):
        value, order = sp.diff(value, dummy), order + 1
        factor = value.xreplace({dummy: sp.Integer(0)}) / sp.factorial(order)
        terms.append(_cancelled(factor) * function**order)
    return sp.Add(*terms)


def _cancelled(value: sp.Expr) -> sp.Expr:
    """Return a value in lowest terms, its exponentials as they fall or grow.

    ``cancel`` alone writes exp(-y) as one over exp(y), which at large y leaves floating point.
    """
    counts: dict[sp.Expr, list[sp.Rational]] = {}
    for function in value.atoms(sp.exp):
        count, rest = function.exp.as_coeff_Mul(rational=True)
        counts.setdefault(rest, []).append(count)
    units = {rest: abs(sp.gcd_list(found)) * (1 if max(found) > 0 else -1) for rest, found in counts.items()}
    names = {rest: sp.Dummy(positive=True) for rest in units}
    powers = {sp.exp(count * rest): names[rest] ** (count / units[rest]) for rest in units for count in counts[rest]}
    back = {name: sp.exp(units[rest] * rest) for rest, name in names.items()}
    return sp.cancel(value.xreplace(powers)).xreplace(back)


def _log_of_rest(inner: sp.Expr) -> sp.Expr:
    if inner.func is not sp.Abs:
        return sp.log(inner)
    rest = sp.expand(inner.args[0])
    return LogOfRest(1 - rest if rest.as_coeff_Add()[0] > 0 else 1 + rest)


def _is_symbolic_power(expression: sp.Basic) -> bool:
    return isinstance(expression, sp.Pow) and bool(expression.exp.free_symbols) and expression.base != sp.E


def _is_one_minus(expression: sp.Basic) -> bool:
    if not (expression.is_Add and len(expression.args) == 2 and sp.Integer(1) in expression.args):
        return False
    power = 1 - expression
    return _is_symbolic_power(power) or isinstance(power, sp.exp)


def _rewritten(total: sp.Add, made: dict[sp.Dummy, sp.Expr]) -> sp.Expr:
    power, dummy = 1 - total, sp.Dummy()
    if isinstance(power, sp.exp):
        size = sp.factor(-power.exp)
        made[dummy] = DecayRatio(size)
    else:
        size, steps = _rest(power)
        made[dummy] = GeometricSum(size, steps)
    return size * dummy


def _rest(power: sp.Pow) -> tuple[sp.Expr, sp.Expr]:
    """Return x and t of a power (1 - x)**t; whole multiples in the exponent go into x."""
    count, steps = power.exp.as_coeff_Mul()
    if not count.is_Integer or count < 0:
        count, steps = sp.Integer(1), power.exp
    return sp.factor(sp.expand(1 - power.base**count)), steps


def geometric_sum(x: np.ndarray, t: int) -> np.ndarray:
    """Return (1 - (1 - x)**t) / x, continued to t at x = 0."""
    x = np.asarray(x, dtype=float)
    near = x < 0.5
    small, large = np.where(near, x, 0.0), np.where(near, 1.0, x)
    lost = np.where(near, -np.expm1(t * np.log1p(-small)), 1 - (1 - large) ** t)
    return np.where(x == 0, float(t), lost / np.where(x == 0, 1.0, x))


def power_of_rest(x: np.ndarray, t: int) -> np.ndarray:
    """Return (1 - x)**t, by logarithms where x is small."""
    x = np.asarray(x, dtype=float)
    near = x < 0.5
    small, large = np.where(near, x, 0.0), np.where(near, 2.0, x)
    return np.where(near, np.exp(t * np.log1p(-small)), (1 - large) ** t)


def decay_ratio(y: np.ndarray) -> np.ndarray:
    """Return (1 - exp(-y)) / y, continued to 1 at y = 0."""
    y = np.asarray(y, dtype=float)
    return np.where(y == 0, 1.0, -np.expm1(-y) / np.where(y == 0, 1.0, y))


def log_of_rest(x: np.ndarray) -> np.ndarray:
    r"""Return log \|1 - x\|, with all digits where x is small."""
    x = np.asarray(x, dtype=float)
    near = x < 0.5
    return np.where(near, np.log1p(-np.where(near, x, 0.0)), np.log(np.abs(1 - np.where(near, 0.0, x))))


FUNCTIONS = {
    "LogOfRest": log_of_rest,
    "GeometricSum": geometric_sum,
    "PowerOfRest": power_of_rest,
    "DecayRatio": decay_ratio,
    "Hypergeometric": hypergeometric,
    "LogHypergeometric": log_hypergeometric,
    "Gegenbauer": gegenbauer,
    "ExitVariance": exit_variance,
    "FallingRatesSum": falling_rates_sum,
    "erf": special.erf,
}
