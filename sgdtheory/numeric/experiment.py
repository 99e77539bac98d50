"""Rung 4: simulate a process to test a claim, with the exact null variance and a stated power.

The family of all comparisons of a whole ladder raises a false alarm with probability at most FALSE_ALARM. The number
of replicas follows from the error that must be caught, not the other way round. What runs are the engine's blocks, so
the backends of ``simulate`` are held to the theory by the same claims.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from sgdtheory.algebra.mutants import SCALE
from sgdtheory.numeric.engine.backends import block_of, double_precision
from sgdtheory.numeric.engine.block import Block, BlockMaker
from sgdtheory.numeric.engine.process_model import process_model
from sgdtheory.numeric.recursion import expectations, spectral_radius, variances
from sgdtheory.optimizers import SGD
from sgdtheory.processes.forms import STATIONARY, Arm, Branch
from sgdtheory.processes.noise import BatchMean
from sgdtheory.processes.observables import Observable
from sgdtheory.processes.process import Process

FALSE_ALARM = 1e-6
COMPARISONS = 2000  # at most so many in one ladder of the whole catalogue; a test counts them
TAIL = 2.0  # a mean of FEWEST forms of skewness 3.5 leaves the normal tail at this level by less than this factor
MISS = 1e-6  # probability that a simulation misses a value that is wrong by the factor SCALE of algebra/mutants.py
CRITICAL = -float(ndtri(FALSE_ALARM / COMPARISONS / TAIL / 2))
FEWEST, MOST = 50_000, 4_000_000
SMALLEST, LARGEST = 1024, 8192  # replicas of a block
BURN_IN = 1e-5  # relative distance from the stationary second moments that is left, far below a standard error


@dataclass(frozen=True)
class Trial:
    """What is to be simulated to test a claim, and what should come out.

    Attributes
    ----------
    process, arms
        What is run, and how it is looked at.
    expected
        The forms' expectations if the claim holds.
    deviation
        Exact standard deviations of the forms of one replica.
    replicas
        Independent runs.
    power
        Probability of rejecting a claim that is 5 % too large.
    """

    process: Process
    arms: Sequence[Arm]
    expected: np.ndarray
    deviation: np.ndarray
    replicas: int
    power: float


@dataclass(frozen=True)
class Outcome:
    """What a simulation says about a claim.

    Attributes
    ----------
    z
        Difference between simulation and claim in exact standard errors, one for each component.
    power
        Probability of rejecting a claim that is 5 % too large.
    backend
        What ran.
    """

    z: np.ndarray
    power: float
    backend: str

    @property
    def rejected(self) -> bool:
        """Whether the simulation refutes the claim."""
        return bool(np.any(~np.isfinite(self.z)) or np.max(np.abs(self.z)) > CRITICAL)


def prepare(
    observable: Observable,
    process: Process,
    point: Mapping[str, Any],
    *,
    claim: Sequence[Any],
    truth: Sequence[Any],
) -> Trial:
    """Return how to test a claim, with as many replicas as tell the truth from what is 5 % larger."""
    arms = observable.arms(process, point, claim, expectations)
    expected = np.array([float(x) for x in observable.expected(point, claim)])
    replicas, power = plan(observable, process, point, truth)
    return Trial(process, arms, expected, _deviation(process, arms), replicas, power)


def plan(observable: Observable, process: Process, point: Mapping[str, Any], truth: Sequence[Any]) -> tuple[int, float]:
    """Return the replicas needed to catch a claim that is 5 % too large, and the power that they give."""
    wrong = [entry * SCALE for entry in truth]
    arms = observable.arms(process, point, wrong, expectations)
    mean = np.array([float(x) for x in expectations(process, arms)])
    shift = mean - np.array([float(x) for x in observable.expected(point, wrong)])
    pairs = zip(shift, _deviation(process, arms), strict=True)
    effect = max((abs(s) / d for s, d in pairs if d > 0), default=math.inf)
    needed = ((CRITICAL - float(ndtri(MISS))) / effect) ** 2
    replicas = int(min(max(math.ceil(needed), FEWEST), MOST))
    return replicas, float(ndtr(effect * math.sqrt(replicas) - CRITICAL))


def _deviation(process: Process, arms: Sequence[Arm]) -> np.ndarray:
    return np.sqrt(np.maximum(variances(process, arms), 0.0))


def judge(trial: Trial, *, label: str, seed: int, backend: str = "numpy") -> Outcome:
    """Simulate the process on a backend and compare with the claim."""
    digest = hashlib.sha256(f"{label} on {backend}".encode()).digest()
    # Every block takes a seed of its own, and with it its draws.
    seeds = (np.random.SeedSequence([seed, int.from_bytes(digest[:8], "big")], spawn_key=(key,)) for key in count())
    weights = [float(arm.environment.weight) for arm in trial.arms]
    counts = np.random.default_rng(next(seeds)).multinomial(trial.replicas, weights)
    total = np.zeros(len(trial.expected))
    with double_precision(backend):
        for arm, replicas in zip(trial.arms, counts.tolist(), strict=True):
            total += simulate_arm(trial.process, arm, replicas, block_of(backend), seeds)
    error = trial.deviation / math.sqrt(trial.replicas)
    difference = total / trial.replicas - trial.expected
    scale = np.abs(trial.expected) + 1e-300
    # A form without variance must agree to rounding; it has no z.
    z = np.where(
        error > 0,
        difference / np.where(error > 0, error, 1.0),
        np.where(np.abs(difference) <= 1e-9 * scale + 1e-12, 0.0, np.inf),
    )
    return Outcome(z, trial.power, backend)


def simulate_arm(
    process: Process, arm: Arm, replicas: int, maker: BlockMaker, seeds: Iterator[np.random.SeedSequence]
) -> np.ndarray:
    """Return the sums of the arm's forms over the replicas, (forms,)."""
    env = arm.environment
    models = [process_model(process, env, branch.noise_scale) for branch in arm.branches]
    optimizers = [_optimizer(arm, branch) for branch in arm.branches]
    starts = [np.array(branch.start - env.minimum, dtype=float)[:, 0] for branch in arm.branches]
    steps = burn_in(process, arm) if arm.time == STATIONARY else arm.time
    total = np.zeros(len(arm.forms))
    for (size, used), seed in zip(_blocks(replicas), seeds, strict=False):
        # Equal seeds mean equal draws: the branches share their noise.
        blocks = [
            maker(model, optimizer, start, size, _copy(seed))
            for model, optimizer, start in zip(models, optimizers, starts, strict=True)
        ]
        total += _forms(arm, _looks(arm, blocks, steps)[:, :used])
    return total


def _optimizer(arm: Arm, branch: Branch) -> SGD:
    noise = arm.environment.noise
    batch = (noise.batch_size, 0.0, False, noise.sampling) if isinstance(noise, BatchMean) else (1,)
    return SGD(float(branch.learning_rate), *batch)


def _copy(seed: np.random.SeedSequence) -> np.random.SeedSequence:
    """Return the same seed afresh: one that a block has spawned from would give the next block other children."""
    return np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key)


def _looks(arm: Arm, blocks: Sequence[Block], steps: int) -> np.ndarray:
    """Advance the branches' blocks and return the stacked states z that the arm looks at, one column a replica."""
    minimum = np.array(arm.environment.minimum, dtype=float)
    seen = []
    for pause in (steps,) if arm.lag is None else (steps, arm.lag):
        for block in blocks:
            block.advance(pause)
            seen.append(block.state() + minimum)
    return np.concatenate(seen)


def _forms(arm: Arm, z: np.ndarray) -> np.ndarray:
    """Return the sums of the forms over the replicas."""
    return np.array(
        [
            np.sum(z * (np.array(form.quadratic, dtype=float) @ z))
            + np.sum(np.array(form.linear, dtype=float)[:, 0] @ z)
            + float(form.constant) * z.shape[1]
            for form in arm.forms
        ]
    )


def burn_in(process: Process, arm: Arm) -> int:
    """Return the steps after which the second moments are stationary to BURN_IN."""
    return math.ceil(math.log(BURN_IN) / (2 * math.log(spectral_radius(process, arm))))


def _blocks(replicas: int) -> Iterator[tuple[int, int]]:
    """Yield the size of each block and how many of its replicas count.

    Sizes are few, so that a backend which compiles for each size does so seldom; surplus replicas are dropped.
    """
    while replicas > 0:
        used = min(replicas, LARGEST)
        yield max(SMALLEST, 1 << (used - 1).bit_length()), used
        replicas -= used
