"""SGD whose gradient is taken at old parameters: those of some steps ago, or those that a worker read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import sympy as sp

from sgdtheory.processes import additive_noise
from sgdtheory.processes.noise import DrawnWorker
from sgdtheory.processes.process import Environment, H, Process, d, theta


def gradient(parameters: Any, noise: Any, *, old: Any, curvature: Any, minimum: Any) -> Any:
    """Return the mini-batch gradient at the old parameters, wherever the present ones are."""
    return additive_noise.gradient(old, noise, curvature=curvature, minimum=minimum)


def environments_with_workers(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point; a step draws a worker beside its noise."""
    workers = int(values["workers"])
    return tuple(replace(env, noise=DrawnWorker(workers, env.noise)) for env in additive_noise.environments(values))


NOTATION = MappingProxyType(
    {
        "parameters": theta,
        "noise": sp.MatrixSymbol("n", d, 1),
        "old": sp.MatrixSymbol("theta_old", d, 1),
        "curvature": H,
        "minimum": sp.MatrixSymbol("theta^*", d, 1),
    }
)
NOISE = "the noise n is independent of theta, with mean zero and covariance C/m"

delayed_gradient = Process(
    name="SGD with delayed gradients",
    description=f"the gradient of a quadratic loss is taken at theta_old, the parameters of tau_d steps ago; {NOISE}",
    gradient=gradient,
    environments=additive_noise.environments,
    notation=NOTATION,
    memory="delay",
)

asynchronous = Process(
    name="asynchronous SGD",
    description="at each step one of W workers, each as likely as the others, hands in the gradient of a quadratic loss"
    f" at theta_old, the parameters that it read last, and reads those that result; {NOISE}",
    gradient=gradient,
    environments=environments_with_workers,
    notation=NOTATION,
    memory="workers",
)
