"""SGD on a loss of one parameter with two wells, and how often it is found in the first of them.

The parameter lies on a circle, on which the wells meet at two barriers of the same height. In a well of curvature h
the loss above its bottom is s^2/2, where the distance from the bottom is (s + kappa s^3/2)/sqrt(h): quadratic at the
bottom, and with kappa > 0 flatter further up. The gradient noise of a sample has one standard deviation in each well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import mpmath
import sympy as sp

from sgdtheory.processes.forms import Arm
from sgdtheory.processes.observables import Recursion
from sgdtheory.processes.process import Environment, Process, d, theta

WORKING_DIGITS = 25  # of the integrals


def gradient(parameters: Any, noise: Any, *, slope: Any) -> Any:
    """Return the mini-batch gradient: the slope of the loss at the parameters, whatever the loss, plus noise."""
    return slope + noise


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return none: a loss with two wells has no Hessian to speak of; settings are ``wells``."""
    return ()


two_wells = Process(
    name="SGD on a loss with two wells",
    description="theta' = theta - eta (g + n) with the slope g of a loss at theta, of one parameter on a circle with"
    " two wells, and noise n of mean zero that is independent from step to step and has the variance s_A^2/m in the"
    " first well and s_B^2/m in the second; the differential equation has this drift and this noise per unit of the"
    " time eta",
    gradient=gradient,
    environments=environments,
    continuous=True,
    notation=MappingProxyType(
        {"parameters": theta, "noise": sp.MatrixSymbol("n", d, 1), "slope": sp.MatrixSymbol("g", d, 1)}
    ),
)

ACROSS = "_across"  # ends the words of wells along the second parameter

two_wells_across = replace(
    two_wells,
    name="SGD on a separable loss of two parameters, each with two wells",
    description="theta' = theta - eta (g + n) with the slope g of a loss L(theta_1) + L'(theta_2), each part as that of"
    " SGD on a loss with two wells, and noise n of mean zero whose two components are independent, of each other and"
    " from step to step, and have the variance s_g^2/m; the differential equation has this drift and this noise per"
    " unit of the time eta",
)


@dataclass(frozen=True)
class Well:
    """One of the two wells of a point.

    Attributes
    ----------
    curvature
        h, at the bottom.
    barrier
        B, the height of its rims above the bottom.
    flare
        kappa.
    temperature
        n, half the variance of the parameter that noise adds per unit of the time eta.
    """

    curvature: Any
    barrier: Any
    flare: Any
    temperature: Any

    @property
    def half_width(self) -> Any:
        """The distance from the bottom to a rim."""
        rim = sp.sqrt(2 * self.barrier)
        return (rim + self.flare * rim**3 / 2) / sp.sqrt(self.curvature)

    def height(self, distance: Any, functions: Any) -> Any:
        """Return the loss above the bottom at a distance from it; ``functions`` is NumPy or a context of mpmath."""
        return self._root(distance, functions) ** 2 / 2

    def slope(self, distance: Any, functions: Any) -> Any:
        """Return the derivative of the height."""
        s = self._root(distance, functions)
        stretch = 1 + 3 * number(self.flare, functions) * s**2 / 2  # of the distance, per unit of s / sqrt(h)
        return s * functions.sqrt(number(self.curvature, functions)) / stretch

    def _root(self, distance: Any, functions: Any) -> Any:
        """Return s, the root of the cubic s + kappa s^3/2 = sqrt(h) times the distance."""
        scale = functions.sqrt(8 / (3 * number(self.flare, functions)))
        stretched = functions.sqrt(number(self.curvature, functions)) * distance
        arcsinh = getattr(functions, "arcsinh", None) or functions.asinh  # of NumPy, of mpmath
        return scale * functions.sinh(arcsinh(3 * stretched / scale) / 3)


def number(value: Any, functions: Any) -> Any:
    """Return an exact number as one of mpmath, to the digits of its context, or for NumPy as a float."""
    if not hasattr(functions, "mpf"):
        return float(value)
    return functions.mpf(str(sp.N(value, functions.dps + 5)))


def wells(values: Mapping[str, Any], direction: str = "") -> tuple[Well, Well]:
    """Return the two wells of a point, along its second parameter if the direction is ``ACROSS``."""
    rate = values["learning_rate"] / (2 * values["batch_size"])
    first, second = (
        Well(
            values[f"{which}_well_curvature{direction}"],
            values[f"{which}_barrier{direction}"],
            values[f"{which}_flare{direction}"],
            rate * (values.get("noise_deviation") or values[f"{which}_noise_deviation"]) ** 2,
        )
        for which in ("first", "second")
    )
    return first, second


@dataclass(frozen=True)
class BasinLogOdds:
    """The log-odds of the first well in the stationary law of the stochastic differential equation, read after Ito.

    The density has no current, (n P)' = -L' P. Here it is integrated from rim to rim in numbers; what is simulated is
    not made of moments and has its own experiment, ``numeric.two_wells``. With two parameters it is the log-odds of
    the basin in which both are in their first well against that in which both are in their second.

    Attributes
    ----------
    description
        What it is, for a reader.
    directions
        Of the parameters, as in ``wells``. They do not interact, so that their log-odds add.
    """

    description: str = "logarithm of the odds of the first well, stationary"
    directions: tuple[str, ...] = ("",)

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the log-odds."""
        return [sum(self.by_parameter(point))]

    def by_parameter(self, point: Mapping[str, Any]) -> list[sp.Expr]:
        """Return the log-odds of each parameter, the difference of the logarithms of two integrals."""
        masses = (map(_mass, wells(point, direction)) for direction in self.directions)
        return [sp.log(first / second).evalf(WORKING_DIGITS) for first, second in masses]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return none: no quadratic form of the state tells the wells apart."""
        return []

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim."""
        return list(claim)


@dataclass(frozen=True)
class EvenOdds:
    """A learning rate at which two wells are equally likely, and the first begins to hold more than half.

    It is the root of the log-odds, which are integrated in numbers. Simulated are the two wells at the claimed rate,
    where the log-odds should be zero; see ``numeric.two_wells``.
    """

    description: str = "learning rate at which two wells are equally likely, stationary"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the learning rate."""
        return [even_rate(tuple(sorted(point.items())))]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return none: no quadratic form of the state tells the wells apart."""
        return []

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return zero, the log-odds."""
        return [sp.Integer(0)]


@lru_cache(maxsize=16)
def even_rate(point: tuple[tuple[str, Any], ...]) -> sp.Expr:
    """Return the learning rate at which the log-odds of a point, as pairs of word and value, rise through zero.

    Raises
    ------
    ValueError
        If at temperatures from 1/1024 to 1024 of the first barrier they do not.
    """
    values = dict(point)

    def log_odds(rate: Any) -> Any:
        (found,) = BasinLogOdds().by_parameter({**values, "learning_rate": sp.Float(str(rate), WORKING_DIGITS)})
        return context.mpf(str(found))

    context = mpmath.mp.clone()
    context.dps = WORKING_DIGITS
    first, _ = wells({**values, "learning_rate": sp.Integer(1)})
    rate = number(first.barrier / first.temperature, context)
    factor = 2 if log_odds(rate) < 0 else context.mpf(1) / 2
    for _ in range(10):
        before, rate = rate, rate * factor
        if (log_odds(rate) < 0) is (factor < 1):
            # In 1/rate the log-odds are nearly straight.
            ends = 1 / before, 1 / rate
            root = context.findroot(lambda inverse: log_odds(1 / inverse), ends, solver="anderson", tol=1e-30)
            return sp.Float(str(1 / root), WORKING_DIGITS - 5)
    raise ValueError(f"the wells of {values} are nowhere equally likely")


def _mass(well: Well) -> sp.Expr:
    """Return the integral of (1/n) exp(-(L - L_rim)/n) over a well; at the rims n P is continuous."""
    context = mpmath.mp.clone()
    context.dps = WORKING_DIGITS
    n, barrier, end = (number(value, context) for value in (well.temperature, well.barrier, well.half_width))
    half = context.quad(lambda x: context.exp((barrier - well.height(x, context)) / n), [0, end / 2, end])
    return sp.Float(str(2 * half / n), WORKING_DIGITS)
