"""What closed forms say of gradients at old parameters: where a delayed mean diverges, how a mean of workers moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from sgdtheory.processes.forms import Arm, Form, coordinates, weighted
from sgdtheory.processes.observables import DIGITS, Recursion, StabilityThreshold, started_arm
from sgdtheory.processes.process import Environment, Process


@dataclass(frozen=True)
class TurningThreshold:
    """The learning rate at which the mean of delayed gradients neither decays nor grows.

    At the threshold one linear form of the present and the past displacements is multiplied by z = exp(i pi / (2 delay
    + 1)) at each step, so that after 2 delay + 1 steps it has its sign turned. The simulation looks at its real part.
    """

    description: str = "learning rate at which the mean stops converging"

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the learning rate at which the factor per step has modulus one."""
        return StabilityThreshold().value(process, point, recursion)

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return displaced runs at the claimed rate, and the form over what it was at the start, its sign turned."""
        delay = int(point["delay"])
        arm = started_arm(process, point, claim[0], steps=delay + 1)
        env, copies = arm.environment, delay + 1
        sharpest = max(range(len(env.minimum)), key=lambda i: (env.basis.T * env.hessian * env.basis)[i, i])
        weights = self._weights(point, claim[0])
        looks = [coordinates(env.basis[:, sharpest], env.minimum, copy=k, copies=copies)[0] for k in range(copies)]
        (begin,) = (arm.branches[0].start - env.minimum).T * env.basis[:, sharpest]
        scale = -1 / (begin * sum(weights))
        form = weighted([(scale * weight, look) for weight, look in zip(reversed(weights), looks, strict=True)])
        return [Arm(env, arm.branches, delay + 1, (form,), lags=tuple(range(1, delay + 1)))]

    def _weights(self, point: Mapping[str, Any], rate: Any) -> list[sp.Rational]:
        """Return the form's weights: of the present displacement, of that one step ago, and so on."""
        delay, pull = int(point["delay"]), rate * point["largest_curvature"]
        angle = sp.pi / (2 * delay + 1)
        found = [sp.S.One, *(-pull * sp.cos((delay + 1 - k) * angle) for k in range(1, delay + 1))]
        return [sp.Rational(sp.N(weight, DIGITS)) for weight in found]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return one: the form has turned its sign."""
        return [sp.Integer(1)]


def pull_over_curvature(workers: Any) -> Callable[[Environment], tuple[Form, ...]]:
    """Return the forms of three looks in one dimension: what momentum 1 - 1/W leaves of a step, and the gradient."""

    def forms(env: Environment) -> tuple[Form, ...]:
        first, second, third = (coordinates(env.basis, env.minimum, copy=k, copies=3)[0] for k in range(3))
        momentum = 1 - 1 / workers
        left = weighted([(-momentum, first), (1 + momentum, second), (-1, third)])
        return left, weighted([(env.hessian[0, 0], second)])

    return forms
