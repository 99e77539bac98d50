"""Rung 4 for a stirred diffusion: the differential equation itself, and what its drift sweeps in a long run.

The steps are of Platen's weak scheme of second order, which for noise that does not depend on the place takes the mean
of the drifts at both ends. Runs are independent; each is averaged over time after its start is forgotten, and their
spread gives the standard error. What the noise sweeps has mean zero and is left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from scipy.special import ndtr

from sgdtheory.algebra.mutants import SCALE
from sgdtheory.numeric import experiment
from sgdtheory.numeric.engine.backends import double_precision
from sgdtheory.numeric.machine import SYMPY_MODULES, Draws, compiled
from sgdtheory.processes.prescribed_current import CirculationRate, drift_and_variance, stirred_wells
from sgdtheory.processes.process import Process

PAUSE = 0.025  # of the time eta t, between two looks: it moves the mean by 0.1 %
SETTLE, LENGTH = 6.0, 40.0  # before and while a run is averaged
REPLICAS = 1800


@dataclass(frozen=True)
class Stirring:
    """What is simulated.

    Attributes
    ----------
    gradient
        Of the process.
    place
        The point's words and numbers.
    """

    gradient: Callable[..., Any]
    place: tuple[tuple[str, sp.Expr], ...]

    def drift_and_variance(self, functions: str = "numpy") -> tuple[Any, float]:
        """Return the drift, a function of arrays of a module for SymPy, and the variance, per unit of time."""
        process = replace(stirred_wells, gradient=self.gradient)
        return drift_and_variance(process, dict(self.place), functions)


@dataclass(frozen=True)
class StirredTrial:
    """What is to be simulated to test a claim about a circulation, and what should come out.

    Attributes
    ----------
    stirring
        What is simulated.
    expected, effect
        The claim, and by how much a claim that is 5 % too large is off.
    replicas
        Independent runs.
    """

    stirring: Stirring
    expected: float
    effect: float
    replicas: int


@experiment.prepare.register
def _(
    observable: CirculationRate,
    process: Process,
    point: Mapping[str, Any],
    *,
    claim: Sequence[Any],
    truth: Sequence[Any],
) -> StirredTrial:
    stirring = Stirring(process.gradient, tuple(sorted(point.items())))
    return StirredTrial(stirring, float(claim[0]), (float(SCALE) - 1) * abs(float(truth[0])), REPLICAS)


@experiment.judge.register
def _(trial: StirredTrial, *, label: str, seed: int, backend: str = "numpy") -> experiment.Outcome:
    with double_precision(backend):
        mean, error = circulation(trial.stirring, trial.replicas, label, seed, backend=backend)
    power = float(ndtr(trial.effect / error - experiment.CRITICAL))
    return experiment.Outcome(np.array([(mean - trial.expected) / error]), power, backend)


@lru_cache(maxsize=16)
def circulation(
    stirring: Stirring, replicas: int, label: str, seed: int, pause: float = PAUSE, backend: str = "numpy"
) -> tuple[float, float]:
    """Return the mean of x dy - y dx per unit of time, and its standard error."""
    draws, (drift, variance) = Draws(backend, label, seed), stirring.drift_and_variance(SYMPY_MODULES[backend])
    drift, kicks = compiled(drift, backend), math.sqrt(variance * pause)

    def step(x: Any, y: Any, along: Any, across: Any, swept: Any, kick: Any, weight: float) -> tuple[Any, ...]:
        later = drift(x + pause * along + kicks * kick[0], y + pause * across + kicks * kick[1])
        x = x + pause / 2 * (along + later[0]) + kicks * kick[0]
        y = y + pause / 2 * (across + later[1]) + kicks * kick[1]
        along, across = drift(x, y)
        return x, y, along, across, swept + weight * (x * across - y * along)

    step, place = compiled(step, backend), draws.normals(2, replicas)
    state = *place, *drift(*place), np.zeros(replicas)
    settle, looks = math.ceil(SETTLE / pause), math.ceil(LENGTH / pause)
    for taken in range(settle + looks):
        state = step(*state, draws.normals(2, replicas), 1 / looks if taken >= settle else 0.0)
    swept = state[-1]
    return float(swept.mean()), float(swept.std(ddof=1) / math.sqrt(replicas))
