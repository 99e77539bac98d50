"""What a closed form predicts of a process, stated so that a recursion and a simulation can both find it.

Observables whose claim is a root or an optimum turn it into forms whose expectation is known if the claim holds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import sympy as sp

from sgdtheory.processes.forms import STATIONARY, Arm, Branch, Form, coordinates, weighted
from sgdtheory.processes.process import Environment, Process

DIGITS = 60


class Recursion(Protocol):
    """What is asked of the exact recursion of a process's moments."""

    def expectations(self, process: Process, arms: Sequence[Arm]) -> list[Any]:
        """Return the exact expectations of the arms' forms, averaged over their settings."""

    def growth(self, process: Process, arm: Arm, order: int) -> float:
        """Return the size of what moments of this order are multiplied by at each draw in the long run."""

    def leading_form(self, process: Process, arm: Arm, order: int) -> tuple[float, Form]:
        """Return what moments of this order are multiplied by at each step in the long run, and a form that is."""


class Observable(Protocol):
    """What every observable offers the checks."""

    description: str

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return what the closed form should be, from the exact recursion alone."""

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
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
        The word of the point that holds the distance to a second look, if there is one, or a function from the point
        to the distances of several later looks.
    displaced
        Whether the run starts away from the minimum, by the point's displacement.
    law
        Word of the point, or words, that ``forms`` takes first, if it needs any.
    velocity
        Whether the forms see the velocity.
    phase
        Word of the point that holds the steps since the end of an epoch, for runs that are stationary there.
    epoch
        Word of the point that holds the batches of an epoch, if the expectation is averaged over them.
    averaging
        Word of the point that holds the decay of a moving average of the parameters, if the forms see one.
    """

    description: str
    forms: Callable[..., Any]
    time: int | str = STATIONARY
    lag: str | Callable[[Mapping[str, Any]], Sequence[int]] | None = None
    displaced: bool = False
    law: str | tuple[str, ...] | None = None
    velocity: bool = False
    phase: str | None = None
    epoch: str | None = None
    averaging: str | None = None

    def arms(
        self,
        process: Process,
        point: Mapping[str, Any],
        claim: Sequence[Any] = (),
        recursion: Recursion | None = None,
    ) -> list[Arm]:
        """Return one arm for each setting, and for each phase of an epoch that is averaged over."""
        words = (self.law,) if isinstance(self.law, str) else self.law
        forms = self.forms(*(point[word] for word in words)) if words else self.forms
        time = self.time if isinstance(self.time, int) or self.time == STATIONARY else int(point[self.time])
        phases = range(int(point[self.epoch])) if self.epoch else [int(point[self.phase]) if self.phase else 0]
        found = []
        for env in process.environments(point):
            begin = start(env, point) if self.displaced else env.minimum
            averaging = point[self.averaging] if self.averaging else None
            branch = Branch(point["learning_rate"], begin, averaging=averaging, **kept(process, point))
            share = replace(env, weight=env.weight / len(phases))
            for phase in phases:
                found.append(Arm(share, (branch,), time, forms(env), self._lags(point), self.velocity, phase))
        return found

    def _lags(self, point: Mapping[str, Any]) -> tuple[int, ...]:
        if self.lag is None:
            return ()
        lags = self.lag(point) if callable(self.lag) else (point[self.lag],)
        return tuple(int(lag) for lag in lags)

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the exact expectations."""
        return recursion.expectations(process, self.arms(process, point))

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

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the decay times read off one step of the mean."""
        after = recursion.expectations(process, self._arms(process, point, 1))
        return [
            -1 / sp.log(abs(sp.Rational(x.numerator, x.denominator) / x0)).evalf(DIGITS)
            for x, x0 in zip(after, point["displacement"], strict=True)
        ]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return runs of a few steps from the displaced start."""
        return self._arms(process, point, self.steps)

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the displacement, decayed at the claimed rate."""
        return [x0 * sp.exp(-self.steps / tau) for x0, tau in zip(point["displacement"], claim, strict=True)]


@dataclass(frozen=True)
class StabilityThreshold:
    """The learning rate at which moments of some order neither decay nor grow.

    Attributes
    ----------
    description
        What it is, for a reader.
    order
        1 for the mean, 2 for the mean square; for this the points should be free of noise at the minimum, which would
        make the mean square grow at the threshold itself.
    steps
        How many the simulation takes; if left out, two for the mean, which flips its sign at a threshold, and one for
        the mean square, because products of random factors grow tails.
    """

    description: str = "learning rate at which the mean stops converging"
    order: int = 1
    steps: int | None = None

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the learning rate at which the factor per step has modulus one."""

        def growth(rate: Any) -> float:
            return recursion.growth(process, started_arm(process, point, rate), self.order) - 1

        low, high = sp.Rational(1, 1000), sp.Integer(1)
        while growth(high) < 0:
            low, high = high, 2 * high
        return [root(growth, low, high)]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return displaced runs at the claimed rate, with the form that is multiplied by one factor at each step."""
        return [geometric_arm(process, point, claim[0], self.order, recursion, self.steps)]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return one, where the form starts: at the threshold it neither grows nor shrinks."""
        return [sp.Integer(1)]


@dataclass(frozen=True)
class Ratio:
    """The ratio of two expectations.

    Attributes
    ----------
    moment
        The expectations: first all numerators, then all denominators.
    """

    moment: Moment

    @property
    def description(self) -> str:
        """What it is, for a reader."""
        return self.moment.description

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the exact ratios."""
        found = self.moment.value(process, point, recursion)
        half = len(found) // 2
        return [top / bottom for top, bottom in zip(found[:half], found[half:], strict=True)]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return the numerators less the claimed multiples of the denominators."""
        found = []
        for arm in self.moment.arms(process, point):
            half = len(arm.forms) // 2
            triples = zip(claim, arm.forms[:half], arm.forms[half:], strict=True)
            forms = tuple(weighted([(1, top), (-sp.sympify(ratio), bottom)]) for ratio, top, bottom in triples)
            found.append(replace(arm, forms=forms))
        return found

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return zeros."""
        return [sp.Integer(0)] * len(claim)


@dataclass(frozen=True)
class GrowthFactor:
    """The factor by which moments of some order are multiplied at each step in the long run.

    Attributes
    ----------
    description
        What it is, for a reader.
    order
        1 for the mean, 2 for the mean square.
    """

    description: str
    order: int = 2

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the factor."""
        return [recursion.leading_form(process, started_arm(process, point, point["learning_rate"]), self.order)[0]]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return displaced runs, with the form that is multiplied by this factor at each step."""
        return [geometric_arm(process, point, point["learning_rate"], self.order, recursion)]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claimed factor's power."""
        return [claim[0] ** _steps(self.order)]


def root(function: Callable[[Any], float], low: Any, high: Any) -> Any:
    """Return where a function that changes its sign crosses zero, by the Illinois variant of false position."""
    old, new = float(low), float(high)
    before, after = function(low), function(high)
    for _ in range(100):
        if abs(after) < 1e-14 or new == old:
            break
        middle = new - after * (new - old) / (after - before)
        value = function(sp.Rational(middle))
        old, before = (new, after) if value * after < 0 else (old, before / 2)
        new, after = middle, value
    return sp.Rational(new)


def started_arm(
    process: Process, point: Mapping[str, Any], rate: Any, steps: int = 0, forms: tuple[Form, ...] = ()
) -> Arm:
    """Return displaced runs in the one setting of a point, seen with all that they keep."""
    (env,) = process.environments(point)
    begin = start(env, {"displacement": (1,) * len(env.minimum), **point})
    branch = Branch(rate, begin, **kept(process, point))
    return Arm(env, (branch,), steps, forms, velocity=process.momentum, copies=bool(process.memory))


def geometric_arm(
    process: Process, point: Mapping[str, Any], rate: Any, order: int, recursion: Recursion, steps: int | None = None
) -> Arm:
    """Return runs with the leading form of an order, which is one at the start."""
    _, form = recursion.leading_form(process, started_arm(process, point, rate), order)
    (begin,) = recursion.expectations(process, [started_arm(process, point, rate, 0, (form,))])
    scaled = weighted([(1 / sp.Rational(begin.numerator, begin.denominator), form)])
    return started_arm(process, point, rate, steps or _steps(order), (scaled,))


def _steps(order: int) -> int:
    """Return how long to simulate: the mean flips its sign at a threshold; products of random factors grow tails."""
    return 2 if order == 1 else 1


def kept(process: Process, point: Mapping[str, Any]) -> dict[str, Any]:
    """Return a branch's momentum, and how many old parameters it keeps."""
    return {
        "momentum": point["momentum"] if process.momentum and not process.schedule else 0,
        "copies": int(point[process.memory]) if process.memory else 0,
    }
