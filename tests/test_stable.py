"""The rewritten formulas equal the originals, and keep their digits where those lose them."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from sgdtheory.algebra.derivation import is_zero
from sgdtheory.catalogue import results
from sgdtheory.numeric.stable import (
    DecayRatio,
    GeometricSum,
    LogOfRest,
    PowerOfRest,
    decay_ratio,
    geometric_sum,
    log_of_rest,
    stable,
)
from sgdtheory.numeric.stable import power_of_rest as power


def undone(expression):
    expression = expression.replace(GeometricSum, lambda x, t: (1 - (1 - x) ** t) / x)
    expression = expression.replace(PowerOfRest, lambda x, t: (1 - x) ** t)
    expression = expression.replace(LogOfRest, lambda x: sp.log(sp.Abs(1 - x)))
    return expression.replace(DecayRatio, lambda y: (1 - sp.exp(-y)) / y)


@pytest.mark.parametrize("name", results)
def test_rewritten_formula_is_the_same(name):
    value = results[name].value
    assert is_zero(undone(stable(value)) - value)


POINTS = [1e-300, 1e-20, 1e-9, 0.1, 0.4999, 0.5, 0.9, 1.0, 1.5, 1.999, 2.5, -1e-12, -0.3]


@pytest.mark.parametrize("steps", [0, 1, 2, 7, 1000])
@pytest.mark.parametrize("x", POINTS)
def test_functions_agree_with_exact_arithmetic(x, steps):
    """As near as the rounding of the argument allows: a unit roundoff in x, and a few in the result."""

    def exact(argument):
        return (1 - (1 - argument) ** steps) / argument, (1 - argument) ** steps

    with mpmath.workdps(400):
        argument, roundoff = mpmath.mpf(x), mpmath.mpf(2) ** -53
        beside = [exact(argument * (1 + sign * roundoff)) for sign in (-1, 1)]
        for found, wanted, *moved in zip(
            (geometric_sum(x, steps), power(x, steps)), exact(argument), *beside, strict=True
        ):
            if abs(wanted) > 1e300:
                continue
            slack = 4 * max(abs(value - wanted) for value in moved) + 8 * roundoff * abs(wanted)
            assert abs(float(found) - wanted) <= slack + mpmath.mpf(10) ** -300


@pytest.mark.parametrize("y", [1e-300, 1e-12, 1e-3, 1.0, 30.0, 800.0])
def test_decay_ratio(y):
    with mpmath.workdps(400):
        exact = (1 - mpmath.exp(-mpmath.mpf(y))) / mpmath.mpf(y)
    assert float(decay_ratio(y)) == pytest.approx(float(exact), rel=1e-15)


def test_limits_at_zero():
    assert geometric_sum(0.0, 12) == 12
    assert power(0.0, 12) == 1
    assert decay_ratio(0.0) == 1
    np.testing.assert_array_equal(geometric_sum(np.array([0.0, 1.0, 2.0]), 3), [3.0, 1.0, 1.0])


@pytest.mark.parametrize("x", [1e-300, 1e-18, 0.3, 0.5, 1.5, 3.0])
def test_logarithm(x):
    with mpmath.workdps(400):
        exact = mpmath.log(abs(1 - mpmath.mpf(x)))
    assert float(log_of_rest(x)) == pytest.approx(float(exact), rel=1e-15)
