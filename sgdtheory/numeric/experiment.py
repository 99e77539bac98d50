"""Rung 4: simulate a process to test a claim, with the exact null variance and a stated power.

The family of all comparisons of a whole ladder raises a false alarm with probability at most FALSE_ALARM. The number
of replicas follows from the error that must be caught, not the other way round. What runs are the engine's blocks, so
the backends of ``simulate`` are held to the theory by the same claims.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial, singledispatch
from itertools import count
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from sgdtheory.algebra.mutants import SCALE
from sgdtheory.numeric import recursion
from sgdtheory.numeric.engine.accelerated_block import AcceleratedBlock
from sgdtheory.numeric.engine.backends import block_of, double_precision
from sgdtheory.numeric.engine.block import Block, BlockMaker
from sgdtheory.numeric.engine.process_model import process_model
from sgdtheory.numeric.engine.workers_block import WorkersBlock
from sgdtheory.numeric.machine import entropy_of
from sgdtheory.optimizers import SGD
from sgdtheory.processes.forms import STATIONARY, Arm, Branch
from sgdtheory.processes.noise import Batches, DrawnWorker
from sgdtheory.processes.observables import Observable
from sgdtheory.processes.process import Process

FALSE_ALARM = 1e-6
COMPARISONS = 4000  # at most so many in one ladder of the whole catalogue; a test counts them
TAIL = 6.0  # by at most this factor a mean of replicas leaves the normal tail at this level, skewed as its forms are
MISS = 1e-6  # probability that a simulation misses a value that is wrong by the factor SCALE of algebra/mutants.py
CRITICAL = -float(ndtri(FALSE_ALARM / COMPARISONS / TAIL / 2))
FEWEST, MOST = 80_000, 4_000_000
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


@singledispatch
def prepare(
    observable: Observable,
    process: Process,
    point: Mapping[str, Any],
    *,
    claim: Sequence[Any],
    truth: Sequence[Any],
) -> Trial:
    """Return how to test a claim, with as many replicas as tell the truth from what is 5 % larger."""
    arms = observable.arms(process, point, claim, recursion)
    expected = np.array([float(x) for x in observable.expected(point, claim)])
    replicas, power = plan(observable, process, point, truth)
    return Trial(process, arms, expected, _deviation(process, arms), replicas, power)


def plan(observable: Observable, process: Process, point: Mapping[str, Any], truth: Sequence[Any]) -> tuple[int, float]:
    """Return the replicas needed to catch a claim that is 5 % too large, and the power that they give."""
    wrong = [entry * SCALE for entry in truth]
    arms = observable.arms(process, point, wrong, recursion)
    mean = np.array([float(x) for x in recursion.expectations(process, arms)])
    shift = mean - np.array([float(x) for x in observable.expected(point, wrong)])
    pairs = zip(shift, _deviation(process, arms), strict=True)
    effect = max((abs(s) / d for s, d in pairs if d > 0), default=math.inf)
    needed = ((CRITICAL - float(ndtri(MISS))) / effect) ** 2
    replicas = int(min(max(math.ceil(needed), FEWEST), MOST))
    return replicas, float(ndtr(effect * math.sqrt(replicas) - CRITICAL))


def _deviation(process: Process, arms: Sequence[Arm]) -> np.ndarray:
    return np.sqrt(np.maximum(recursion.variances(process, arms), 0.0))


@singledispatch
def judge(trial: Trial, *, label: str, seed: int, backend: str = "numpy") -> Outcome:
    """Simulate the process on a backend and compare with the claim."""
    total = _totals(_Simulation(trial, label, seed, backend))
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


@singledispatch
def simulated_claim(trial: Any, observable: Any, *, label: str, seed: int) -> tuple[float, float, int]:
    """Return what a simulation says the claim should be, its standard error, and of how many runs.

    It is there for claims that are no forms of the state; what is made of forms has ``numeric.errata``'s own way.
    """
    raise TypeError(f"no simulation gives the claim of a {type(trial).__name__} as a number")


class _Simulation:
    """What is run for a trial; the claim does not enter, so that one run can judge several."""

    def __init__(self, trial: Trial, label: str, seed: int, backend: str) -> None:
        self.trial, self.label, self.seed, self.backend = trial, label, seed, backend
        arms = [(dict(arm.environment.model), replace(arm, environment=None), arm.environment) for arm in trial.arms]
        looks = repr([(model, arm, env.weight, env.noise, env.minimum) for model, arm, env in arms])
        process = trial.process
        kind = process.gradient, process.nesterov, process.memory, process.schedule
        self._key = (kind, looks, trial.replicas, label, seed, backend)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Simulation) and self._key == other._key


@lru_cache(maxsize=1024)
def _totals(simulation: _Simulation) -> np.ndarray:
    """Return the sums of the forms over all replicas, (forms,)."""
    trial, backend = simulation.trial, simulation.backend
    # Every block takes a seed of its own, and with it its draws.
    entropy = entropy_of(backend, simulation.label, simulation.seed)
    seeds = (np.random.SeedSequence(entropy, spawn_key=(key,)) for key in count())
    weights = [float(arm.environment.weight) for arm in trial.arms]
    counts = np.random.default_rng(next(seeds)).multinomial(trial.replicas, weights)
    total = np.zeros(len(trial.expected))
    with double_precision(backend):
        for arm, replicas in zip(trial.arms, counts.tolist(), strict=True):
            total += simulate_arm(trial.process, arm, replicas, block_of(backend), seeds)
    total.flags.writeable = False
    return total


def simulate_arm(
    process: Process, arm: Arm, replicas: int, maker: BlockMaker, seeds: Iterator[np.random.SeedSequence]
) -> np.ndarray:
    """Return the sums of the arm's forms over the replicas, (forms,)."""
    env = arm.environment
    models = [process_model(process, env, branch.noise_scale) for branch in arm.branches]
    optimizers = [_optimizer(process, arm, branch) for branch in arm.branches]
    if isinstance(env.noise, DrawnWorker):
        maker = partial(WorkersBlock, maker=maker, workers=env.noise.workers)
    if process.schedule:
        maker = partial(AcceleratedBlock, maker=maker, schedule=process.schedule)
    starts = [np.array(branch.start - env.minimum, dtype=float)[:, 0] for branch in arm.branches]
    steps = burn_in(process, arm) + arm.phase if arm.time == STATIONARY else arm.time
    total = np.zeros(len(arm.forms))
    for (size, used), seed in zip(_blocks(replicas), seeds, strict=False):
        # Equal seeds mean equal draws: the branches share their noise.
        runs = [
            _Run(maker(model, optimizer, start, size, _copy(seed)), branch, start)
            for model, optimizer, start, branch in zip(models, optimizers, starts, arm.branches, strict=True)
        ]
        total += _forms(arm, _looks(arm, runs, int(steps))[:, :used])
    return total


def _optimizer(process: Process, arm: Arm, branch: Branch) -> SGD:
    noise = arm.environment.noise
    return SGD(
        float(branch.learning_rate),
        getattr(noise, "batch_size", 1),
        float(branch.momentum),
        process.nesterov,
        noise.sampling if isinstance(noise, Batches) else "replacement",
        branch.copies if process.memory == "delay" else 0,
    )


def _copy(seed: np.random.SeedSequence) -> np.random.SeedSequence:
    """Return the same seed afresh: one that a block has spawned from would give the next block other children."""
    return np.random.SeedSequence(seed.entropy, spawn_key=seed.spawn_key)


class _Run:
    """A block of a branch, and beside it the moving average of its parameters, if the branch keeps one."""

    def __init__(self, block: Block, branch: Branch, start: np.ndarray) -> None:
        self.block = block
        self.decay = None if branch.averaging is None else float(branch.averaging)
        self.average = start[:, None]

    def advance(self, steps: int) -> None:
        """Take steps; an average is brought up to date after each of them."""
        if self.decay is None:
            self.block.advance(steps)
            return
        for _ in range(steps):
            self.block.advance(1)
            self.average = self.decay * self.average + (1 - self.decay) * self.block.state()

    def look(self, minimum: np.ndarray, *, velocity: bool, copies: bool) -> list[np.ndarray]:
        """Return what is seen of it, each (d, replicas)."""
        state = self.block.state()
        seen = [state + minimum] + [self.block.velocity()] * velocity
        if copies:
            seen += [copy + minimum for copy in self.block.copies()]  # of blocks with workers
        return seen if self.decay is None else [*seen, np.broadcast_to(self.average, state.shape) + minimum]


def _looks(arm: Arm, runs: Sequence[_Run], steps: int) -> np.ndarray:
    """Advance the branches and return the stacked states z that the arm looks at, one column a replica."""
    minimum = np.array(arm.environment.minimum, dtype=float)
    seen = []
    for pause in (steps, *np.diff((0, *arm.lags)).tolist()):
        for run in runs:
            run.advance(pause)
            seen += run.look(minimum, velocity=arm.velocity, copies=arm.copies)
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
    """Return the steps, in whole epochs, after which the second moments are stationary to BURN_IN."""
    factor, period = recursion.contraction(process, arm)
    return period * math.ceil(math.log(BURN_IN) / math.log(factor)) if factor > 0 else period


def _blocks(replicas: int) -> Iterator[tuple[int, int]]:
    """Yield the size of each block and how many of its replicas count.

    Sizes are few, so that a backend which compiles for each size does so seldom; surplus replicas are dropped.
    """
    while replicas > 0:
        used = min(replicas, LARGEST)
        yield max(SMALLEST, 1 << (used - 1).bit_length()), used
        replicas -= used
