"""Rung 4 for exit times: simulate a diffusion until it first reaches a distance.

The state moves by its exact transitions over short times; whether it was away in between is drawn from the law of a
Brownian bridge. In the time in which the diffusion is a Brownian motion the distance is a curve that is straight but
for the square of the short time: what this does to the mean is below 1e-4 of it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from sgdtheory.algebra.mutants import SCALE
from sgdtheory.numeric import experiment, recursion
from sgdtheory.processes.exit_time import ExitTime
from sgdtheory.processes.process import Process

SHORT = 0.02  # time between two looks, over that in which a displacement grows or decays by e
FEW = 500  # replicas that set a printed time apart: their mean has a relative error of 4.5 % at most
FEWEST = 20_000  # replicas of rung 4: a waiting time has a skewness of two at most


@dataclass(frozen=True)
class ExitTrial:
    """What is to be simulated to test a claim about a mean exit time, and what should come out.

    Attributes
    ----------
    drift, variance
        Of the diffusion per time, the drift over the displacement.
    radius
        Where it counts as away.
    rate
        The learning rate, the time that a step takes.
    expected, deviation
        The claimed mean, and the exact standard deviation of one run.
    replicas, power
        As in ``experiment.Trial``.
    """

    drift: float
    variance: float
    radius: float
    rate: float
    expected: float
    deviation: float
    replicas: int
    power: float


@experiment.prepare.register
def _(
    observable: ExitTime, process: Process, point: Mapping[str, Any], *, claim: Sequence[Any], truth: Sequence[Any]
) -> ExitTrial:
    drift, variance = observable.drift_and_variance(process, point, recursion)
    mean, square = (float(x) for x in observable.mean_and_square(process, point, recursion))
    deviation = math.sqrt(square - mean**2)
    effect = abs(observable.in_steps(SCALE * truth[0]) - observable.in_steps(truth[0])) / deviation
    needed = math.ceil(((experiment.CRITICAL - float(ndtri(experiment.MISS))) / effect) ** 2)
    replicas = min(max(needed, FEWEST), experiment.MOST)
    return ExitTrial(
        drift=float(drift),
        variance=float(variance),
        radius=float(point["radius"]),
        rate=float(point["learning_rate"]),
        expected=observable.in_steps(claim[0]),
        deviation=deviation,
        replicas=replicas,
        power=float(ndtr(effect * math.sqrt(replicas) - experiment.CRITICAL)),
    )


@experiment.judge.register
def _(trial: ExitTrial, *, label: str, seed: int, backend: str = "numpy") -> experiment.Outcome:
    mean = _mean_time(trial.drift, trial.variance, trial.radius, trial.replicas, label, seed) / trial.rate
    z = (mean - trial.expected) / (trial.deviation / math.sqrt(trial.replicas))
    return experiment.Outcome(np.array([z]), trial.power, backend)


def estimate(trial: ExitTrial, observable: ExitTime, *, label: str, seed: int) -> tuple[float, float]:
    """Return what a simulation says the claim should be, and its standard error."""
    mean = _mean_time(trial.drift, trial.variance, trial.radius, trial.replicas, label, seed) / trial.rate
    error = trial.deviation / math.sqrt(trial.replicas)
    return (math.log(mean), error / trial.expected) if observable.logarithm else (mean, error)


@lru_cache(maxsize=64)
def _mean_time(drift: float, variance: float, radius: float, replicas: int, label: str, seed: int) -> float:
    """Return the average over the replicas of the time at which each first reaches the radius.

    A replica that does so between two looks counts with the middle: the average then is that of the probabilities of
    being still within at all looks by the trapezoidal rule, which for so smooth a function is right to all digits.
    """
    digest = hashlib.sha256(label.encode()).digest()
    rng = np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])
    pause = SHORT / abs(drift)
    factor, spread = math.exp(drift * pause), math.sqrt(variance * math.expm1(2 * drift * pause) / (2 * drift))
    slope = 2 * factor / spread**2
    inside, total, looks = np.zeros(replicas), 0.0, 0
    while len(inside):
        after = factor * inside + spread * rng.standard_normal(len(inside))
        gaps = np.maximum(radius - after, 0.0), np.maximum(radius + after, 0.0)
        chance = np.exp(-slope * (radius - inside) * gaps[0]) + np.exp(-slope * (radius + inside) * gaps[1])
        stays = rng.random(len(inside)) >= chance
        total += (looks + 0.5) * pause * float(len(inside) - stays.sum())
        inside, looks = after[stays], looks + 1
    return total / replicas
