"""Stochastic gradient Langevin dynamics on a quadratic loss: SGD into whose steps noise is injected."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import sympy as sp

from sgdtheory.processes.additive_noise import environments as environments_of_sgd
from sgdtheory.processes.additive_noise import gradient
from sgdtheory.processes.process import Environment, H, Process, d, theta


def as_gradient_noise(temperature: Any, learning_rate: Any) -> Any:
    """Return the variance of the injected noise counted as noise of the gradient: a step moves eta times that."""
    return 2 * temperature / learning_rate


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point: that of SGD, the injected noise counted as noise of the gradient.

    It goes with the point's own learning rate.
    """
    batch = sp.Matrix(values["noise"]) / values["batch_size"]
    level = as_gradient_noise(values["temperature"], values["learning_rate"])
    injected = level * sp.Matrix(values["injected_noise"])
    total = (batch + injected).tolist()
    return environments_of_sgd({**values, "noise": total, "batch_size": sp.Integer(1)})


langevin = Process(
    name="stochastic gradient Langevin dynamics",
    description="theta' = theta - eta g_B + sqrt(2 eta tau) xi, with the mini-batch gradient g_B of a quadratic loss"
    " and injected noise xi of covariance E, the identity if nothing else is said; both together are a gradient with"
    " noise n that is independent of theta, with mean zero and covariance C/m + (2 tau/eta) E",
    gradient=gradient,
    environments=environments,
    notation=MappingProxyType(
        {
            "parameters": theta,
            "noise": sp.MatrixSymbol("n", d, 1),
            "curvature": H,
            "minimum": sp.MatrixSymbol("theta^*", d, 1),
        }
    ),
)
