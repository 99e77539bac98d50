"""Rung 4: simulate a process to test a claim, with the exact null variance and a stated power.

The family of all comparisons of a whole ladder raises a false alarm with probability at most FALSE_ALARM. The number
of replicas follows from the error that must be caught, not the other way round.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from sgdtheory.algebra.mutants import SCALE
from sgdtheory.numeric.recursion import expectations, spectral_radius, variances
from sgdtheory.numeric.sampling import sampler
from sgdtheory.processes.forms import STATIONARY, Arm
from sgdtheory.processes.observables import Observable
from sgdtheory.processes.process import Process

FALSE_ALARM = 1e-6
COMPARISONS = 2000  # at most so many in one ladder; the ladder counts them
TAIL = 2.0  # a mean of FEWEST forms of skewness 3.5 leaves the normal tail at this level by less than this factor
MISS = 1e-6  # probability that a simulation misses a value that is wrong by the factor SCALE of algebra/mutants.py
CRITICAL = -float(ndtri(FALSE_ALARM / COMPARISONS / TAIL / 2))
FEWEST, MOST = 50_000, 4_000_000
BLOCK = 8192
BURN_IN = 1e-5  # relative distance from the stationary second moments that is left, far below a standard error


@dataclass(frozen=True)
class Outcome:
    """What a simulation says about a claim.

    Attributes
    ----------
    z
        Difference between simulation and claim in exact standard errors, one for each component.
    replicas
        Independent runs.
    power
        Probability of rejecting a claim that is 5 % too large.
    """

    z: np.ndarray
    replicas: int
    power: float

    @property
    def rejected(self) -> bool:
        """Whether the simulation refutes the claim."""
        return bool(np.any(~np.isfinite(self.z)) or np.max(np.abs(self.z)) > CRITICAL)


def plan(observable: Observable, process: Process, point: Mapping[str, Any], claim: Sequence[Any]) -> tuple[int, float]:
    """Return the replicas needed to catch a claim that is 5 % too large, and the power that they give."""
    wrong = [entry * SCALE for entry in claim]
    arms = observable.arms(process, point, wrong, expectations)
    truth = np.array([float(x) for x in expectations(process, arms)])
    shift = truth - np.array([float(x) for x in observable.expected(point, wrong)])
    deviation = np.sqrt(np.maximum(variances(process, arms), 0.0))
    effect = max((abs(s) / d for s, d in zip(shift, deviation, strict=True) if d > 0), default=math.inf)
    needed = ((CRITICAL - float(ndtri(MISS))) / effect) ** 2
    replicas = int(min(max(math.ceil(needed), FEWEST), MOST))
    return replicas, float(ndtr(effect * math.sqrt(replicas) - CRITICAL))


def judge(
    observable: Observable,
    process: Process,
    point: Mapping[str, Any],
    claim: Sequence[Any],
    *,
    label: str,
    replicas: int,
    power: float,
    seed: int,
) -> Outcome:
    """Simulate the process and compare with a claim."""
    arms = observable.arms(process, point, claim, expectations)
    expected = np.array([float(x) for x in observable.expected(point, claim)])
    rng = np.random.default_rng([seed, int.from_bytes(hashlib.sha256(label.encode()).digest()[:8], "big")])
    weights = [float(arm.environment.weight) for arm in arms]
    total = np.zeros(len(expected))
    for arm, count in zip(arms, rng.multinomial(replicas, weights), strict=True):
        for size in _blocks(int(count)):
            total += simulate_arm(process, arm, size, rng).sum(axis=1)
    error = np.sqrt(np.maximum(variances(process, arms), 0.0) / replicas)
    difference = total / replicas - expected
    scale = np.abs(expected) + 1e-300
    # A form without variance must agree to rounding; it has no z.
    z = np.where(
        error > 0,
        difference / np.where(error > 0, error, 1.0),
        np.where(np.abs(difference) <= 1e-9 * scale + 1e-12, 0.0, np.inf),
    )
    return Outcome(z, replicas, power)


def simulate_arm(process: Process, arm: Arm, replicas: int, rng: np.random.Generator) -> np.ndarray:
    """Return the arm's forms for each replica, shape (forms, replicas)."""
    env = arm.environment
    model = {word: np.array(value, dtype=float) for word, value in env.model.items()}
    draw = sampler(env.noise, rng)
    states = [np.repeat(np.array(branch.start, dtype=float), replicas, axis=1) for branch in arm.branches]
    knobs = [(float(branch.learning_rate), float(branch.noise_scale)) for branch in arm.branches]

    def run(states: list[np.ndarray], steps: int) -> list[np.ndarray]:
        for _ in range(steps):
            noise = draw(replicas)
            states = [
                process.step(state, noise if scale == 1 else scale * noise, learning_rate=rate, **model)
                for state, (rate, scale) in zip(states, knobs, strict=True)
            ]
        return states

    states = run(states, burn_in(process, arm) if arm.time == STATIONARY else arm.time)
    seen = list(states)
    if arm.lag is not None:
        seen += run(states, arm.lag)
    z = np.concatenate(seen)
    return np.array(
        [
            np.einsum("ir,ij,jr->r", z, np.array(form.quadratic, dtype=float), z)
            + np.array(form.linear, dtype=float)[:, 0] @ z
            + float(form.constant)
            for form in arm.forms
        ]
    )


def burn_in(process: Process, arm: Arm) -> int:
    """Return the steps after which the second moments are stationary to BURN_IN."""
    return math.ceil(math.log(BURN_IN) / (2 * math.log(spectral_radius(process, arm))))


def _blocks(count: int) -> list[int]:
    return [BLOCK] * (count // BLOCK) + ([count % BLOCK] if count % BLOCK else [])
