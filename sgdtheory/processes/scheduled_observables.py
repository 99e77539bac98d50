"""The learning rate of the next step that minimises the expected loss after it, at the end of a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from sgdtheory.processes.forms import Arm, Branch, squared, weighted
from sgdtheory.processes.observables import Recursion, start
from sgdtheory.processes.process import Environment, Process


@dataclass(frozen=True)
class BestRateAfterSchedule:
    """The minimiser over the next learning rate, a parabola's vertex, for runs that have taken a point's rates."""

    description: str = "learning rate of the next step that minimises the expected loss after it"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the vertex of the parabola through the expected losses at three rates."""
        low, middle, high = (
            recursion.expectations(process, [self._arm(process, point, rate, 1)])[0] for rate in (0, 1, 2)
        )
        return [1 + (low - high) / (2 * (low - 2 * middle + high))]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return runs that then take no step, and runs that take one of twice the claimed rate, with the other sign."""
        half = sp.Rational(1, 2)
        pairs = ((sp.Integer(0), 1), (2 * claim[0], -1))
        found = [self._arm(process, point, rate, sign) for rate, sign in pairs]
        return [replace(arm, environment=replace(arm.environment, weight=half)) for arm in found]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return zero: a parabola is as high on both sides of its vertex."""
        return [sp.Integer(0)]

    def _arm(self, process: Process, point: Mapping[str, Any], rate: Any, sign: int) -> Arm:
        env = self._environment(process, point, rate)
        form = weighted([(sign, squared(env.hessian / 2, env.minimum))])
        return Arm(env, (Branch(point["learning_rate"], start(env, point)),), 1, (form,))

    def _environment(self, process: Process, point: Mapping[str, Any], rate: Any) -> Environment:
        (env,) = process.environments({**point, "rates": (*point["rates"], sp.sympify(rate))})
        return env
