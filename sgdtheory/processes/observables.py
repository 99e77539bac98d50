"""What a closed form predicts of a process, stated so that a recursion and a simulation can both find it.

Observables whose claim is a root or an optimum turn it into forms whose expectation is known if the claim holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import mpmath
import sympy as sp

from sgdtheory.processes.forms import STATIONARY, Arm, Branch, coordinates, deviations, loss, squared, weighted
from sgdtheory.processes.process import Environment, Process

DIGITS = 60

Expectations = Callable[[Process, Sequence[Arm]], list[Any]]


class Observable(Protocol):
    """What every observable offers the checks."""

    description: str

    def value(self, process: Process, point: Mapping[str, Any], expectations: Expectations) -> list[Any]:
        """Return what the closed form should be, from exact expectations alone."""

    def arms(
        self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], expectations: Expectations
    ) -> list[Arm]:
        """Return what to simulate to test a claim."""

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the forms' expectations if the claim holds."""


@dataclass(frozen=True)
class Moment:
    """The expectation of quadratic forms of the state.

    Attributes
    ----------
    description
        What it is, for a reader.
    forms
        From a setting to the forms.
    time
        STATIONARY, a number of steps, or the word of the point that holds it.
    lag
        Word of the point that holds the distance to a second look, if there is one.
    displaced
        Whether the run starts away from the minimum, by the point's displacement.
    law
        Word of the point that ``forms`` takes first, if it needs one.
    """

    description: str
    forms: Callable[..., Any]
    time: int | str = STATIONARY
    lag: str | None = None
    displaced: bool = False
    law: str | None = None

    def arms(
        self,
        process: Process,
        point: Mapping[str, Any],
        claim: Sequence[Any] = (),
        expectations: Expectations | None = None,
    ) -> list[Arm]:
        """Return one arm for each setting."""
        forms = self.forms(point[self.law]) if self.law else self.forms
        time = self.time if isinstance(self.time, int) or self.time == STATIONARY else int(point[self.time])
        lag = int(point[self.lag]) if self.lag else None
        found = []
        for env in process.environments(point):
            branch = Branch(point["learning_rate"], start(env, point) if self.displaced else env.minimum)
            found.append(Arm(env, (branch,), time, forms(env), lag))
        return found

    def value(self, process: Process, point: Mapping[str, Any], expectations: Expectations) -> list[Any]:
        """Return the exact expectations."""
        return expectations(process, self.arms(process, point))

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim: it is the expectation itself."""
        return list(claim)


def start(env: Environment, point: Mapping[str, Any]) -> sp.Matrix:
    """Return the minimum displaced along the eigenvectors by the point's displacement."""
    offset = point["displacement"]
    return env.minimum + env.basis * sp.Matrix(offset if isinstance(offset, tuple) else (offset,))


@dataclass(frozen=True)
class DecayTime:
    """The time in which the mean along each eigenvector falls by a factor e."""

    description: str = "decay of the mean along each eigenvector"
    steps: int = 4  # even, so that a mode that overshoots comes back to its own side

    def _arms(self, process: Process, point: Mapping[str, Any], steps: int) -> list[Arm]:
        (env,) = process.environments(point)
        branch = Branch(point["learning_rate"], start(env, point))
        return [Arm(env, (branch,), steps, coordinates(env.basis, env.minimum))]

    def value(self, process: Process, point: Mapping[str, Any], expectations: Expectations) -> list[Any]:
        """Return the decay times read off one step of the mean."""
        after = expectations(process, self._arms(process, point, 1))
        return [
            -1 / sp.log(abs(sp.Rational(x.numerator, x.denominator) / x0)).evalf(DIGITS)
            for x, x0 in zip(after, point["displacement"], strict=True)
        ]

    def arms(
        self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], expectations: Expectations
    ) -> list[Arm]:
        """Return runs of a few steps from the displaced start."""
        return self._arms(process, point, self.steps)

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the displacement, decayed at the claimed rate."""
        return [x0 * sp.exp(-self.steps / tau) for x0, tau in zip(point["displacement"], claim, strict=True)]


@dataclass(frozen=True)
class StabilityThreshold:
    """The learning rate at which the mean neither decays nor grows."""

    description: str = "learning rate at which the mean stops converging"
    steps: int = 10  # even: at the threshold the mean flips its sign each step

    def value(self, process: Process, point: Mapping[str, Any], expectations: Expectations) -> list[Any]:
        """Return the root of (spectral radius of the mean's recursion) = 1, by bisection."""
        (env,) = process.environments(point)
        d = len(env.minimum)

        def radius(rate: Any) -> Any:
            columns = [
                expectations(process, [Arm(env, (Branch(rate, env.minimum + column),), 1, deviations(env))])
                for column in (sp.eye(d)[:, i] for i in range(d))
            ]
            matrix = mpmath.matrix([[_mp(columns[j][i]) for j in range(d)] for i in range(d)])
            return max(abs(value) for value in mpmath.eig(matrix, left=False, right=False))

        with mpmath.workdps(30):
            low, high = sp.Rational(1, 1000), sp.Integer(1)
            while radius(high) < 1:
                low, high = high, 2 * high
            for _ in range(44):
                middle = (low + high) / 2
                low, high = (middle, high) if radius(middle) < 1 else (low, middle)
        return [(low + high) / 2]

    def arms(
        self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], expectations: Expectations
    ) -> list[Arm]:
        """Return runs at the claimed rate, displaced along the sharpest direction."""
        (env,) = process.environments(point)
        sharpest = env.basis[:, _argmax(point["curvature"])]
        branch = Branch(claim[0], env.minimum + sharpest)
        return [Arm(env, (branch,), self.steps, coordinates(sharpest, env.minimum))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the displacement itself: at the threshold it neither grows nor shrinks."""
        return [sp.Integer(1)]


def _loss_after_step(process: Process, point: Mapping[str, Any], rate: Any, expectations: Expectations) -> sp.Expr:
    (env,) = process.environments(point)
    (value,) = expectations(process, [Arm(env, (Branch(rate, start(env, point)),), 1, loss(env))])
    return sp.Rational(value.numerator, value.denominator)


def best_rate(process: Process, point: Mapping[str, Any], expectations: Expectations) -> sp.Expr:
    """Return the learning rate that minimises the exact expected loss after one step: the vertex of a parabola."""
    at0, at1, at2 = (_loss_after_step(process, point, sp.Integer(rate), expectations) for rate in (0, 1, 2))
    curvature = at2 - 2 * at1 + at0
    return -(at1 - at0 - curvature / 2) / curvature


@dataclass(frozen=True)
class BestNextRate:
    """The learning rate that minimises the expected loss after one step."""

    description: str = "minimiser of the expected loss after one step"

    def value(self, process: Process, point: Mapping[str, Any], expectations: Expectations) -> list[Any]:
        """Return the minimiser."""
        return [best_rate(process, point, expectations)]

    def arms(
        self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], expectations: Expectations
    ) -> list[Arm]:
        """Return two coupled steps on either side of the claimed rate, and the slope of the loss between them."""
        (env,) = process.environments(point)
        begin, width = start(env, point), claim[0] / 2
        branches = (Branch(claim[0] + width, begin), Branch(claim[0] - width, begin))
        losses = [squared(env.hessian / 2, env.minimum, copy=copy, copies=2) for copy in (0, 1)]
        slope = weighted([(1 / (2 * width), losses[0]), (-1 / (2 * width), losses[1])])
        return [Arm(env, branches, 1, (slope,))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return zero, the slope at a minimum."""
        return [sp.Integer(0)]


@dataclass(frozen=True)
class BestNextDecrease:
    """The expected decrease of the loss in one step at the best learning rate."""

    description: str = "expected decrease of the loss in one step at the best rate"

    def value(self, process: Process, point: Mapping[str, Any], expectations: Expectations) -> list[Any]:
        """Return the decrease at the minimiser."""
        return expectations(process, self.arms(process, point, (), expectations))

    def arms(
        self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], expectations: Expectations
    ) -> list[Arm]:
        """Return single steps at the best rate, which comes from the recursion and not from a claim."""
        (env,) = process.environments(point)
        begin = start(env, point)
        before = ((begin - env.minimum).T * env.hessian * (begin - env.minimum))[0] / 2
        decrease = weighted([(-1, squared(env.hessian / 2, env.minimum))], before)
        return [Arm(env, (Branch(best_rate(process, point, expectations), begin),), 1, (decrease,))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim."""
        return list(claim)


@dataclass(frozen=True)
class BestNextBatch:
    """The batch size with the largest expected decrease per cost, the learning rate being the best for it."""

    description: str = "maximiser of the expected decrease per cost of a step"

    def value(self, process: Process, point: Mapping[str, Any], expectations: Expectations) -> list[Any]:
        """Return the maximiser, a root found at high precision from exact decreases."""
        size = sp.Symbol("size", positive=True)
        decreases = {
            n: BestNextDecrease().value(process, {**point, "batch_size": sp.Integer(n)}, expectations)[0]
            for n in (1, 2)
        }
        # The reciprocal of the decrease is affine in 1/size: two batch sizes fix it.
        one, two = (sp.Rational(x.denominator, x.numerator) for x in (decreases[1], decreases[2]))
        reciprocal = (2 * two - one) + 2 * (one - two) / size
        cost = point["cost_per_step"] + point["cost_per_sample"] * size
        slope = sp.diff(1 / (reciprocal * cost), size)
        (root,) = sp.Poly(sp.numer(sp.together(slope)), size).nroots(n=DIGITS)[-1:]
        return [root]

    def arms(
        self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], expectations: Expectations
    ) -> list[Arm]:
        """Return coupled steps at the claimed batch size and at four times that, and the slope of the efficiency."""
        size = sp.Rational(str(sp.N(claim[0], DIGITS)))
        values = {**point, "batch_size": size}
        (env,) = process.environments(values)
        begin, rate = start(env, point), best_rate(process, values, expectations)
        branches = (Branch(rate, begin), Branch(rate, begin, noise_scale=sp.Rational(1, 2)))
        before = ((begin - env.minimum).T * env.hessian * (begin - env.minimum))[0] / 2
        here, far = (
            weighted([(-1, squared(env.hessian / 2, env.minimum, copy=copy, copies=2))], before) for copy in (0, 1)
        )
        # At a fixed rate the decrease is affine in u = 1/size, so the difference quotient is the derivative;
        # the rate is optimal, so moving it along changes nothing to first order.
        u = 1 / size
        cost = point["cost_per_step"] + point["cost_per_sample"] * size
        by_u = weighted([(1 / (u / 4 - u), far), (-1 / (u / 4 - u), here)])
        return [Arm(env, branches, 1, (weighted([(-(u**2) * cost, by_u), (-point["cost_per_sample"], here)]),))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return zero, the slope at a maximum."""
        return [sp.Integer(0)]


def _argmax(values: Sequence[Any]) -> int:
    return max(range(len(values)), key=lambda i: values[i])


def _mp(value: Any) -> Any:
    return mpmath.mpf(value.numerator) / value.denominator
