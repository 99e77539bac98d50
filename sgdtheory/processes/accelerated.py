"""Accelerated SGD: Nesterov's method, whose momentum (t - 1)/(t + 2) grows with the steps taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from sgdtheory.processes import additive_noise
from sgdtheory.processes.process import Process, point
from sgdtheory.processes.update import update


def look_ahead(parameters: Any, last_step: Any, momentum: Any) -> Any:
    """Return where a share of the last step leads: a plain step is taken from there."""
    return parameters + momentum * last_step


def growing_momentum(taken: Any) -> sp.Expr:
    """Return the momentum of the next step; after none there is no last step that it could act on.

    Examples
    --------
    >>> [growing_momentum(taken) for taken in (1, 2, 3)]
    [0, 1/4, 2/5]
    """
    return (sp.sympify(taken) - 1) / (taken + 2)


@dataclass(frozen=True)
class LookAheadProcess(Process):
    """A process whose gradient is taken at the look-ahead point; its velocity is the last step."""

    def move(
        self, parameters: Any, velocity: Any, noise: Any, *, learning_rate: Any, momentum: Any = 0, **model: Any
    ) -> tuple[Any, Any]:
        """Return the parameters and the step that led there."""
        ahead = look_ahead(parameters, velocity, momentum)
        after, _ = update(ahead, 0 * ahead, self.gradient(ahead, noise, **model), learning_rate=learning_rate)
        return after, after - parameters


def accelerated_point(*, time_step: Any, **values: Any) -> Mapping[str, Any]:
    """Return a point whose learning rate is the square of the time step."""
    return point(time_step=time_step, learning_rate=sp.Rational(time_step) ** 2, **values)


accelerated = LookAheadProcess(
    name="accelerated SGD",
    description="Nesterov's method with the momentum mu = (t - 1)/(t + 2) after t steps: v is the last step, and the"
    " next one starts from the look-ahead point theta + mu v; the gradient of a quadratic loss there carries noise n"
    " that is independent of theta, with mean zero and covariance C/m",
    gradient=additive_noise.gradient,
    environments=additive_noise.environments,
    notation=additive_noise.additive_noise.notation,
    momentum=True,
    schedule=growing_momentum,
)
