"""Rung 4 for gradient flow of a loss that is not quadratic: SGD itself, step by step, at a finite rate and batch size.

A claim is of the limit of small rates and large batches. By how much a finite rate moves it is known exactly, and taken
out. What noise does beyond the first order in 1/m is not: points have batches so large that it is lost in the standard
error, which a test holds them to.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from scipy.special import ndtr, ndtri

from sgdtheory.algebra.mutants import SCALE
from sgdtheory.numeric import experiment, recursion
from sgdtheory.numeric.engine.backends import double_precision
from sgdtheory.numeric.machine import SYMPY_MODULES, Draws, compiled
from sgdtheory.processes.curved_flow import (
    ALONG,
    DRAWN,
    MODEL,
    NOISE,
    POSITION,
    AboutTheFlow,
    course,
    curved_bowl,
    step,
    x,
    y,
)
from sgdtheory.processes.process import Process

FEWEST = 32  # runs, enough for a mean; so many more would see what noise does to it beyond the first order


@dataclass(frozen=True)
class FlowTrial:
    """What is to be simulated to test a claim about a flow or the scatter about it, and what should come out.

    Attributes
    ----------
    own, place
        The gradient, and the point's words and numbers.
    part
        POSITION, ALONG or ACROSS.
    expected
        The claim.
    factor
        Its limit over what it is at the point's own learning rate, to first order in the noise.
    deviation
        Of what one replica adds to the estimate.
    replicas, power
        As in ``experiment.Trial``.
    """

    own: Callable[..., Any]
    place: tuple[tuple[str, sp.Expr], ...]
    part: int
    expected: float
    factor: float
    deviation: float
    replicas: int
    power: float


@experiment.prepare.register
def _(
    observable: AboutTheFlow, process: Process, point: Mapping[str, Any], *, claim: Sequence[Any], truth: Sequence[Any]
) -> FlowTrial:
    (limit,) = map(float, observable.value(process, point, recursion))
    here = course(process, point)
    factor = limit / float(here[observable.part] * observable.unit(point))
    spread = math.sqrt(float(here[ALONG] * point["learning_rate"] / point["batch_size"]))
    deviation = abs(factor) * spread if observable.part == POSITION else math.sqrt(2) * limit
    effect = (float(SCALE) - 1) * abs(float(truth[0])) / deviation
    needed = math.ceil(((experiment.CRITICAL - float(ndtri(experiment.MISS))) / effect) ** 2)
    replicas = min(max(needed, FEWEST), experiment.MOST)
    return FlowTrial(
        own=process.gradient,
        place=tuple(sorted(point.items())),
        part=observable.part,
        expected=float(claim[0]),
        factor=factor,
        deviation=deviation,
        replicas=replicas,
        power=float(ndtr(effect * math.sqrt(replicas) - experiment.CRITICAL)),
    )


@experiment.judge.register
def _(trial: FlowTrial, *, label: str, seed: int, backend: str = "numpy") -> experiment.Outcome:
    place = states(trial, label, seed, backend)[0 if trial.part in (POSITION, ALONG) else 1]
    found = trial.factor * float(place.mean() if trial.part == POSITION else place.var(ddof=1))
    z = (found - trial.expected) / (trial.deviation / math.sqrt(trial.replicas))
    return experiment.Outcome(np.array([z]), trial.power, backend)


def states(trial: FlowTrial, label: str, seed: int, backend: str = "numpy") -> np.ndarray:
    """Return where the replicas are along the flow and across it, (2, replicas)."""
    with double_precision(backend):
        return _states(trial.own, trial.place, trial.replicas, label, seed, backend)


@lru_cache(maxsize=32)
def _states(
    own: Callable[..., Any], place: tuple[tuple[str, sp.Expr], ...], replicas: int, label: str, seed: int, backend: str
) -> np.ndarray:
    values, draws = dict(place), Draws(backend, label, seed)
    model = {word: values[word] for word in MODEL}
    after = step(replace(curved_bowl, gradient=own), values["learning_rate"], model)
    taken = compiled(sp.lambdify([x, y, *DRAWN], tuple(after), SYMPY_MODULES[backend], cse=True), backend)
    deviations = np.sqrt([[float(values[word] / values["batch_size"])] for word in NOISE])
    state = np.full(replicas, float(values["displacement"])), np.zeros(replicas)
    for _ in range(int(values["steps"])):
        state = taken(*state, *(deviations * draws.normals(len(NOISE), replicas)))
    found = np.array(state)
    found.flags.writeable = False
    return found
