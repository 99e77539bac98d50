"""SGD near a saddle point: a quadratic loss whose curvatures have either sign, and additive noise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.additive_noise import environments as environments_of_sgd
from sgdtheory.processes.forms import Arm, Branch, Form, coordinates, products, squared, weighted
from sgdtheory.processes.observables import DIGITS, Recursion, start
from sgdtheory.processes.process import Environment, Process


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point; its minimum is the critical point, whatever the curvatures.

    A point has the curvatures of all modes, or the curvature or instability of one alone; noise is a matrix, or one
    number for all modes.
    """
    eigenvalues = values["curvature"] if "curvature" in values else -values["instability"]
    eigenvalues = eigenvalues if isinstance(eigenvalues, tuple) else (eigenvalues,)
    noise = values.get("noise", values.get("isotropic_noise", sp.Integer(0)))
    if not isinstance(noise, tuple):
        noise = tuple(map(tuple, (noise * sp.eye(len(eigenvalues))).tolist()))
    return environments_of_sgd({**values, "curvature": eigenvalues, "noise": noise})


saddle = replace(
    additive_noise,
    name="SGD near a saddle point",
    description="the full gradient of a quadratic loss about its critical point theta^*, with curvatures of either"
    " sign, plus noise n that is independent of theta, with mean zero and covariance C/m",
    environments=environments,
)


@dataclass(frozen=True)
class MeanSquareEscape:
    """The number of steps, no whole one in general, after which the mean square reaches that of the radius.

    The recursion of the mean square multiplies it, with a constant added, by one factor at each step. Simulated is
    that sum after some steps over what it would be if it grew from the start to the radius in the claimed time.
    """

    description: str = "steps in which the mean square along the unstable direction reaches the radius squared"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the time at which the recursion's course meets the radius."""
        factor, constant = self._course(process, point, recursion)
        return [sp.log(self._growth(point, constant)).evalf(DIGITS) / sp.log(factor).evalf(DIGITS)]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return displaced runs, and the mean square over what it should be if the claim holds."""
        _, constant = self._course(process, point, recursion)
        (env,) = process.environments(point)
        wanted = (point["displacement"] ** 2 + constant) * self._growth(point, constant) ** (point["steps"] / claim[0])
        scale = sp.Rational(str(sp.N(1 / wanted, DIGITS)))
        form = weighted([(scale, products(env)[0])], scale * constant)
        return [Arm(env, (Branch(point["learning_rate"], start(env, point)),), int(point["steps"]), (form,))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return one."""
        return [sp.Integer(1)]

    def _course(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> tuple[sp.Expr, sp.Expr]:
        """Return the factor, and the constant that makes the sum with it grow by the factor alone."""
        (env,) = process.environments(point)
        moments = []
        for begin in (0, 1):
            branch = Branch(point["learning_rate"], start(env, {"displacement": begin}))
            (found,) = recursion.expectations(process, [Arm(env, (branch,), 1, products(env))])
            moments.append(sp.Rational(found.numerator, found.denominator))
        factor = moments[1] - moments[0]
        return factor, moments[0] / (factor - 1)

    def _growth(self, point: Mapping[str, Any], constant: sp.Expr) -> sp.Expr:
        return (point["radius"] ** 2 + constant) / (point["displacement"] ** 2 + constant)


@dataclass(frozen=True)
class StayProbability:
    """The probability that the mean of a run from a Gaussian start is within the radius after some steps.

    Simulated is the run from the edge of the starts that stay: there the mean ends at the radius.
    """

    description: str = "probability that gradient descent from a Gaussian start stays within the radius"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the share of the starts that stay."""
        (env,) = process.environments(point)
        (mean,) = recursion.expectations(process, [self._arm(env, point, sp.Integer(1))])
        edge = point["radius"] ** 2 / sp.Rational(mean.numerator, mean.denominator)
        return [sp.erf(edge / (sp.sqrt(2) * point["start_deviation"])).evalf(DIGITS)]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return runs from the edge of as many starts as the claim says."""
        (env,) = process.environments(point)
        share = sp.Float(str(sp.N(claim[0], DIGITS)), DIGITS)
        edge = sp.sqrt(2) * point["start_deviation"] * sp.erfinv(share)
        return [self._arm(env, point, sp.Rational(str(edge.evalf(DIGITS))) / point["radius"])]

    def _arm(self, env: Environment, point: Mapping[str, Any], begin: Any) -> Arm:
        """Return runs from a start that is counted in radii, and where they are then."""
        place = start(env, {"displacement": begin * point["radius"]})
        branch = Branch(point["learning_rate"], place)
        return Arm(env, (branch,), int(point["steps"]), coordinates(env.basis, env.minimum))

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the radius."""
        return [point["radius"]]


@dataclass(frozen=True)
class EscapeRatio:
    """One more than the steps of growth along the second mode that undo a step of contraction along the first.

    Simulated are the means along both modes: if the claim holds, so many steps of growth make up for the contraction.
    """

    description: str = "steps to leave a saddle point over those to leave the one before"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the ratio from the factors of one step."""
        stable, unstable = self._factors(process, point, recursion, 1)
        return [1 - (sp.log(stable) / sp.log(unstable)).evalf(DIGITS)]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return runs from one along both modes, and the first mean over what the second and the claim make of it."""
        steps = int(point["steps"])
        _, unstable = self._factors(process, point, recursion, steps)
        scale = sp.Rational(str(sp.N(unstable ** (claim[0] - 1), DIGITS)))
        arm = self._arm(process, point, steps)
        return [replace(arm, forms=(weighted([(scale, arm.forms[0])]),))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return one."""
        return [sp.Integer(1)]

    def _factors(
        self, process: Process, point: Mapping[str, Any], recursion: Recursion, steps: int
    ) -> tuple[sp.Expr, sp.Expr]:
        means = recursion.expectations(process, [self._arm(process, point, steps)])
        stable, unstable = (sp.Rational(mean.numerator, mean.denominator) for mean in means)
        return stable, unstable

    def _arm(self, process: Process, point: Mapping[str, Any], steps: int) -> Arm:
        (env,) = process.environments(point)
        branch = Branch(point["learning_rate"], start(env, {"displacement": (1, 1)}))
        return Arm(env, (branch,), steps, coordinates(env.basis, env.minimum))


def loss_decrease(displacement: Sequence[Any]) -> Callable[[Environment], tuple[Form, ...]]:
    """Return what gives the loss at a start so far from the critical point less that of the state."""

    def forms(env: Environment) -> tuple[Form, ...]:
        offset = env.basis * sp.Matrix(displacement)
        begin = (offset.T * env.hessian * offset)[0] / 2
        return (weighted([(-1, squared(env.hessian / 2, env.minimum))], begin),)

    return forms
