"""Rung 4 for exit times: simulate a diffusion until it first reaches a distance.

The state moves by its exact transitions over short times; whether it was away in between is drawn from the law of a
Brownian bridge. In the time in which the diffusion is a Brownian motion the distance is a curve that is straight but
for the square of the short time: what this does to the mean is below 1e-4 of it. A standard deviation is estimated by
that of the sample; an error in it is to first order that of the sample's variance over twice the deviation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from sgdtheory.algebra.mutants import SCALE
from sgdtheory.numeric import experiment, recursion
from sgdtheory.numeric.engine.backends import double_precision
from sgdtheory.numeric.machine import Draws, compiled, functions_of
from sgdtheory.processes.exit_time import ExitDeviation, ExitTime
from sgdtheory.processes.process import Process

SHORT = 0.02  # time between two looks, over that in which a displacement grows or decays by e
FEW = 500  # replicas that set a printed time apart: their mean has a relative error of 4.5 % at most
SMALLEST = 1024  # replicas that are moved together, those that left among them
FEWEST = 20_000  # replicas of rung 4: a waiting time has a skewness of two at most


@dataclass(frozen=True)
class ExitTrial:
    """What is to be simulated to test a claim about a mean exit time or its deviation, and what should come out.

    Attributes
    ----------
    drift, variance
        Of the diffusion per time, the drift over the displacement.
    radius
        Where it counts as away.
    rate
        The learning rate, the time that a step takes.
    expected, deviation
        The claim in steps, and the exact standard deviation of what one run adds to its estimate.
    spread
        Whether the claim is the standard deviation of the exit time, not its mean.
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
    spread: bool = False


@experiment.prepare.register
def _(
    observable: ExitTime, process: Process, point: Mapping[str, Any], *, claim: Sequence[Any], truth: Sequence[Any]
) -> ExitTrial:
    drift, variance = observable.drift_and_variance(process, point, recursion)
    spread = isinstance(observable, ExitDeviation)
    deviation = _deviation([float(x) for x in observable.moments(process, point, recursion, 4)], spread)
    effect = abs(observable.in_steps(SCALE * truth[0]) - observable.in_steps(truth[0])) / deviation
    needed = math.ceil(((experiment.CRITICAL - float(ndtri(experiment.MISS))) / effect) ** 2)
    replicas = min(max(needed, experiment.FEWEST if spread else FEWEST), experiment.MOST)
    return ExitTrial(
        drift=float(drift),
        variance=float(variance),
        radius=float(point["radius"]),
        rate=float(point["learning_rate"]),
        expected=observable.in_steps(claim[0]),
        deviation=deviation,
        replicas=replicas,
        power=float(ndtr(effect * math.sqrt(replicas) - experiment.CRITICAL)),
        spread=spread,
    )


def _deviation(moments: Sequence[float], spread: bool) -> float:
    """Return the standard deviation of what one run adds to the estimate, from the first four moments."""
    first, second, third, fourth = moments
    variance = second - first**2
    if not spread:
        return math.sqrt(variance)
    central = fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4
    return math.sqrt(central - variance**2) / (2 * math.sqrt(variance))


@experiment.judge.register
def _(trial: ExitTrial, *, label: str, seed: int, backend: str = "numpy") -> experiment.Outcome:
    z = (_estimate(trial, label, seed, backend) - trial.expected) / (trial.deviation / math.sqrt(trial.replicas))
    return experiment.Outcome(np.array([z]), trial.power, backend)


@experiment.simulated_claim.register
def _(trial: ExitTrial, observable: ExitTime, *, label: str, seed: int) -> tuple[float, float, int]:
    found = _estimate(replace(trial, replicas=FEW), label, seed)
    error = trial.deviation / math.sqrt(FEW)
    return (math.log(found), error / trial.expected, FEW) if observable.logarithm else (found, error, FEW)


def _estimate(trial: ExitTrial, label: str, seed: int, backend: str = "numpy") -> float:
    """Return the mean or the standard deviation over the replicas, in steps."""
    with double_precision(backend):
        found = _mean_and_deviation(trial.drift, trial.variance, trial.radius, trial.replicas, label, seed, backend)
    return found[trial.spread] / trial.rate


@lru_cache(maxsize=64)
def _mean_and_deviation(
    drift: float, variance: float, radius: float, replicas: int, label: str, seed: int, backend: str
) -> tuple[float, float]:
    """Return the average over the replicas of the time at which each first reaches the radius, and its deviation.

    A replica that does so between two looks counts with the middle: the average then is that of the probabilities of
    being still within at all looks by the trapezoidal rule, which for so smooth a function is right to all digits. By
    the same rule, whose end at the start adds pause^2/12, that is too much in the variance.
    """
    draws, step, pause = Draws(backend, label, seed), _step(backend), SHORT / abs(drift)
    factor, spread = math.exp(drift * pause), math.sqrt(variance * math.expm1(2 * drift * pause) / (2 * drift))
    size = 1 << (replicas - 1).bit_length()
    inside, stays = np.zeros(size), np.arange(size) < replicas
    count, total, squares, looks = replicas, 0.0, 0.0, 0
    while count:
        inside, stays = step(inside, stays, draws.normals(size), draws.uniforms(size), factor, spread, radius)
        before, count, middle = count, int(stays.sum()), (looks + 0.5) * pause
        total, squares = total + middle * (before - count), squares + middle**2 * (before - count)
        looks += 1
        if 2 * count <= size > SMALLEST:  # lengths are powers of two, for JAX compiles for each
            kept, size = np.asarray(inside)[np.asarray(stays)], size // 2
            inside, stays = np.resize(kept, size) if count else np.zeros(size), np.arange(size) < count
    mean = total / replicas
    return mean, math.sqrt(squares / replicas - mean**2 - pause**2 / 12)


@cache
def _step(backend: str) -> Callable[..., Any]:
    """Return what moves displacements from look to look, and says which of those that had stayed within still do."""
    functions = functions_of(backend)

    def step(
        inside: Any, stays: Any, normal: Any, uniform: Any, factor: float, spread: float, radius: float
    ) -> tuple[Any, Any]:
        after, slope = factor * inside + spread * normal, 2 * factor / spread**2
        above, below = functions.maximum(radius - after, 0.0), functions.maximum(radius + after, 0.0)
        chance = functions.exp(-slope * (radius - inside) * above) + functions.exp(-slope * (radius + inside) * below)
        stays = stays & (uniform >= chance)
        return functions.where(stays, after, 0.0), stays

    return compiled(step, backend)
