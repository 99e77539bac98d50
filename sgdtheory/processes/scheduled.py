"""SGD with a learning rate for each step, several steps seen as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import sympy as sp

from sgdtheory.processes import additive_noise
from sgdtheory.processes.noise import SeveralBatches
from sgdtheory.processes.process import Environment, H, Process, d, point, theta
from sgdtheory.processes.update import update
from sgdtheory.symbols import eta_1, eta_2


def gradient(parameters: Any, noise: Any, *, rates: Any, curvature: Any, minimum: Any) -> Any:
    """Return by how much steps of these rates move the parameters down, each with a noise of its own."""
    place = parameters
    for rate, drawn in zip(rates, noise, strict=True):
        downhill = additive_noise.gradient(place, drawn, curvature=curvature, minimum=minimum)
        place, _ = update(place, 0 * downhill, downhill, learning_rate=rate)
    return parameters - place


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point: that of SGD, with the point's rates and a noise for each of them."""
    noise = values["noise"]
    rows = noise if isinstance(noise, tuple) else ((noise,),)  # in one dimension a number
    (env,) = additive_noise.environments({**values, "noise": rows})
    rates = tuple(values["rates"])
    batches = SeveralBatches(env.noise.covariance, len(rates))
    return (replace(env, model={**env.model, "rates": rates}, noise=batches),)


def point_with_rates(*rates: Any, **values: Any) -> Mapping[str, Any]:
    """Return a point of these learning rates, one for each step; the process takes them all at once."""
    return point(learning_rate=1, rates=rates, steps=len(rates), **values)


def point_of_a_cycle(first: Any, second: Any, **values: Any) -> Mapping[str, Any]:
    """Return a point of a cycle of two learning rates."""
    return point_with_rates(first, second, first_learning_rate=first, second_learning_rate=second, **values)


def point_with_greedy_rates(steps: int, **values: Any) -> Mapping[str, Any]:
    """Return a point, in one dimension, of rates each of which minimises the expected square after its step.

    It minimises (1 - rate * curvature)^2 M + rate^2 noise/batch_size, M being the square that the step starts from.
    """
    base = point(**values)
    h, noise, square, rates = base["curvature"], base["noise"] / base["batch_size"], base["displacement"] ** 2, []
    for _ in range(steps):
        rates.append(h * square / (h**2 * square + noise))
        square = (1 - rates[-1] * h) ** 2 * square + rates[-1] ** 2 * noise
    return point_with_rates(*rates, **values)


def point_with_falling_rates(steps: int, *, rate_constant: Any, **values: Any) -> Mapping[str, Any]:
    """Return a point of the rates b, b/2, b/3, ..."""
    rates = [sp.Rational(rate_constant) / (taken + 1) for taken in range(steps)]
    return point_with_rates(*rates, rate_constant=rate_constant, last_learning_rate=rates[-1], **values)


scheduled = Process(
    name="SGD with a learning rate for each step",
    description="steps theta <- theta - eta_k (g + n_k) of rates eta_1, eta_2, ... with the full gradient g of a"
    " quadratic loss and noises n_k that are independent of theta and of each other, with mean zero and covariance C/m;"
    " written as one step that takes all of them, with eta = 1",
    gradient=gradient,
    environments=environments,
    notation=MappingProxyType(
        {
            "parameters": theta,
            "noise": (sp.MatrixSymbol("n_1", d, 1), sp.MatrixSymbol("n_2", d, 1)),
            "rates": (eta_1, eta_2),
            "curvature": H,
            "minimum": sp.MatrixSymbol("theta^*", d, 1),
        }
    ),
)
