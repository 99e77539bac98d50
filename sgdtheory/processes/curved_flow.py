"""SGD on a bowl that is not quadratic, and how it scatters about the gradient flow for small rates and large batches.

The loss at the distance r from its minimum is lambda r^2/2 + kappa r^4/4. Gradient flow runs straight down, so that its
Hessian, which changes on the way, keeps its eigenvectors: along the flow and across it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import mpmath
import sympy as sp

from sgdtheory.processes.accelerated_limits import extrapolated
from sgdtheory.processes.forms import Arm
from sgdtheory.processes.observables import Recursion
from sgdtheory.processes.process import Environment, Process, d, theta
from sgdtheory.symbols import kappa_4, lambda_

POSITION, ALONG, ACROSS = range(3)  # what a course tells of
HALVINGS = 8  # of the learning rate: with its powers gone, what is left is below 1e-12 of a value
WORKING_DIGITS = 30
MODEL = ("curvature", "quartic_coefficient")
NOISE = ("curvature_spread", "isotropic_noise", "isotropic_noise")  # variances of a sample's bend and its two tilts

x, y = sp.symbols("x y", real=True)  # along the flow and across it, from the minimum
bend, tilt, tilt_across = DRAWN = sp.symbols("b n_1 n_2", real=True)


def gradient(parameters: Any, noise: Any, *, curvature: Any, quartic_coefficient: Any) -> Any:
    """Return the mini-batch gradient at so much from the minimum; the noise is a batch's extra curvature and slope."""
    spread, slope = noise
    steepening = quartic_coefficient * parameters * (parameters.T * parameters)
    return (curvature + spread) * parameters + steepening + slope


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return none: the loss is not quadratic; what a step makes of a point is ``step``."""
    return ()


curved_bowl = Process(
    name="SGD on a bowl that is not quadratic",
    description="theta' = theta - eta ((lambda + b_B) theta + kappa_4 |theta|^2 theta + n_B): the loss at theta,"
    " counted from its minimum, is lambda |theta|^2/2 + kappa_4 |theta|^4/4. A batch of m samples bends it by b_B and"
    " tilts it by n_B, independent of each other and from step to step, with mean zero and the variances v/m and c/m,"
    " the latter in every direction. In the limit of small rates and large batches it is gradient flow and weak noise",
    gradient=gradient,
    environments=environments,
    continuous=True,
    notation=MappingProxyType(
        {
            "parameters": theta,
            "noise": (sp.Symbol("b_B", real=True), sp.MatrixSymbol("n_B", d, 1)),
            "curvature": lambda_,
            "quartic_coefficient": kappa_4,
        }
    ),
)


def step(process: Process, rate: Any, model: Mapping[str, Any]) -> sp.Matrix:
    """Return x and y after a step, which the noise DRAWN enters."""
    noise = bend, sp.Matrix([tilt, tilt_across])
    return process.step(sp.Matrix([x, y]), noise, learning_rate=rate, **model).expand()


@dataclass(frozen=True)
class AboutTheFlow:
    """Where gradient flow is, or how SGD scatters about it, to the first order in learning rate and noise.

    A course is exact for small noise at a finite rate: x' is the step without noise, and a variance is multiplied by
    the square of the step's derivative and gains that of the step by the noise. Its values for rates that are halved
    again and again, at a fixed rate times steps, are extrapolated to zero.

    Attributes
    ----------
    description
        What it is, for a reader.
    part
        POSITION, or the variance ALONG the flow or ACROSS it.
    """

    description: str
    part: int

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the limit, a variance times the point's own learning rate over its batch size."""
        courses = (course(process, point, halvings)[self.part] for halvings in range(HALVINGS + 1))
        with mpmath.workdps(WORKING_DIGITS):
            return [sp.Float(str(extrapolated(list(courses))), WORKING_DIGITS) * self.unit(point)]

    def unit(self, point: Mapping[str, Any]) -> sp.Expr:
        """Return what a course's value is counted in."""
        return sp.S.One if self.part == POSITION else point["learning_rate"] / point["batch_size"]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return none: the step is not linear; ``numeric.curved_flow`` simulates it."""
        return []

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim."""
        return list(claim)


def course(process: Process, values: Mapping[str, Any], halvings: int = 0) -> tuple[Any, Any, Any]:
    """Return the position after the point's time without noise, and the two variances times batch size over rate.

    The learning rate is halved so often. The numbers are of mpmath.
    """
    return _course(process.gradient, tuple(sorted(values.items())), halvings)


@lru_cache(maxsize=256)
def _course(own: Callable[..., Any], place: tuple[tuple[str, sp.Expr], ...], halvings: int) -> tuple[Any, Any, Any]:
    values, taken, halved = dict(place), _linearised(own), 2**halvings
    with mpmath.workdps(WORKING_DIGITS):
        rate, *knobs = (_number(values[word]) for word in ("learning_rate", *MODEL, *NOISE))
        here, along, across = _number(values["displacement"]), mpmath.mpf(0), mpmath.mpf(0)
        for _ in range(int(values["steps"]) * halved):
            here, (factor, gained), (factor_across, gained_across) = taken(here, rate / halved, *knobs)
            along, across = factor**2 * along + gained, factor_across**2 * across + gained_across
    return here, along, across


@lru_cache(maxsize=8)
def _linearised(own: Callable[..., Any]) -> Callable[..., Any]:
    """Return what a step from (x, 0) makes of x, and for each direction its derivative and the variance over eta."""
    rate = sp.Symbol("eta", positive=True)
    variances = sp.symbols("v c_1 c_2", nonnegative=True)
    after = step(_with(own), rate, {"curvature": lambda_, "quartic_coefficient": kappa_4})
    on_the_flow = {y: 0, **dict.fromkeys(DRAWN, 0)}
    parts = [
        (
            sp.diff(there, here).subs(on_the_flow),
            sum(sp.diff(there, n).subs(on_the_flow) ** 2 * size for n, size in zip(DRAWN, variances, strict=True))
            / rate,
        )
        for here, there in zip((x, y), after, strict=True)
    ]
    knobs = [rate, lambda_, kappa_4, *variances]
    return sp.lambdify([x, *knobs], [after[0].subs(on_the_flow), *parts], "mpmath", cse=True)


def _with(own: Callable[..., Any]) -> Process:
    """Return the process with another gradient."""
    return replace(curved_bowl, gradient=own)


def _number(value: Any) -> Any:
    return mpmath.mpf(int(value.p)) / int(value.q)
