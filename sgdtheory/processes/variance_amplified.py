"""Stochastic variance amplified gradient (SVAG): shorter steps along two batches combined so that their noise grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import sympy as sp

from sgdtheory.processes.additive_noise import environments as environments_of_sgd
from sgdtheory.processes.noise import SeveralBatches
from sgdtheory.processes.process import Environment, H, Process, d, theta
from sgdtheory.symbols import ell


def gradient(parameters: Any, noise: Any, *, curvature: Any, minimum: Any, amplification: Any, root: Any) -> Any:
    """Return the combined gradient of two batches over l; ``root`` is sqrt(2 l - 1).

    The optimizer multiplies by eta, so that the step is along the combination with the learning rate eta/l.
    """
    full = curvature @ (parameters - minimum)
    first, second = (full + part for part in noise)
    return (first + second + root * (first - second)) / (2 * amplification)


def environments(values: Mapping[str, Any]) -> tuple[Environment, ...]:
    """Return the one setting of a point: that of SGD, with a noise for each of the two batches."""
    (env,) = environments_of_sgd(values)
    level = values["amplification"]
    words = {**env.model, "amplification": level, "root": sp.sqrt(2 * level - 1)}
    return (replace(env, model=words, noise=SeveralBatches(env.noise.covariance)),)


variance_amplified = Process(
    name="stochastic variance amplified gradient",
    description="theta' = theta - (eta/l) ((1 + s)/2 g_1 + (1 - s)/2 g_2) with s = sqrt(2 l - 1) and the mini-batch"
    " gradients g_k = g + n_k of two independent batches, whose noises n_k have mean zero and covariance C/m and do not"
    " depend on theta; written as a step of eta",
    gradient=gradient,
    environments=environments,
    notation=MappingProxyType(
        {
            "parameters": theta,
            "noise": (sp.MatrixSymbol("n_1", d, 1), sp.MatrixSymbol("n_2", d, 1)),
            "curvature": H,
            "minimum": sp.MatrixSymbol("theta^*", d, 1),
            "amplification": ell,
            "root": sp.sqrt(2 * ell - 1),
        }
    ),
)
