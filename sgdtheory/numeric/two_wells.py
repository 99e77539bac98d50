"""Rung 4 for a loss with two wells: runs of an SGD whose batch gradient takes three values, on a lattice.

A batch gradient of -G, 0 or G moves the parameter by one site of a lattice, or not at all. Where the chances are such
that the mean is the slope of the loss and the variance that of the noise, it is SGD with the drift and the noise of the
differential equation, whose law it takes as the lattice gets finer. Its own stationary law is known exactly, site from
site, so that the lattice can be chosen fine enough: it moves the log-odds by a fraction of the standard error.

As runs cross a barrier once in up to millions of steps, they are drawn again after many steps at once, each from the
law of so many steps from its site, which is a row of a power of the matrix of one step. That is exact for any number of
steps.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from sgdtheory.algebra.mutants import SCALE
from sgdtheory.numeric import experiment
from sgdtheory.numeric.engine.backends import double_precision
from sgdtheory.numeric.machine import Draws, compiled, functions_of
from sgdtheory.processes.process import Process
from sgdtheory.processes.two_wells import BasinLogOdds, EvenOdds, Well, wells

MOVE = 1 / 3  # chance of a move where the noise is largest and the slope zero: the fourth moment is that of a Gaussian
EVEN = 2.0  # what one run adds to the standard deviation of the log-odds where they are zero
COARSEST, FINEST = 8, 256  # sites from the bottom to the rim of the narrower well
BIAS = 0.2  # of the lattice, in standard errors
LEFT = 1e-5  # of the start, when the runs are looked at
JUMPS = 16  # that many times until then the runs are drawn anew


@dataclass(frozen=True, eq=False)
class Lattice:
    """Half of the circle, from the bottom of the first well to that of the second; the other half is its mirror image.

    Attributes
    ----------
    up, down
        (K,): chances of a move; at both ends a run that would leave stays, as its mirror image takes its place.
    first
        Sites of the first well.
    """

    up: np.ndarray
    down: np.ndarray
    first: int

    def stationary(self) -> np.ndarray:
        """Return the stationary law (K,): up and down a bond the same number of runs move."""
        logs = np.concatenate([[0.0], np.cumsum(np.log(self.up[:-1]) - np.log(self.down[1:]))])
        weights = np.exp(logs - logs.max())
        return weights / weights.sum()

    def log_odds(self) -> float:
        """Return the log-odds of the first well in the stationary law."""
        law = self.stationary()
        return math.log(law[: self.first].sum() / law[self.first :].sum())

    def step(self) -> np.ndarray:
        """Return the chances (K, K) of moving in one step from a site, its row, to a site, its column."""
        return np.diag(1 - self.up - self.down) + np.diag(self.up[:-1], 1) + np.diag(self.down[1:], -1)

    def jump(self) -> np.ndarray:
        """Return the same for so many steps, a power of two, that the start is forgotten after JUMPS of them."""
        doublings = max(math.ceil(math.log2(self.burn_in() / JUMPS)), 0)
        many = np.linalg.matrix_power(self.step(), 2**doublings)
        return many / many.sum(axis=1, keepdims=True)  # rounding alone

    def burn_in(self) -> int:
        """Return the steps after which LEFT is left of any start."""
        root = np.sqrt(self.stationary())
        symmetric = self.step() * root[:, None] / root[None, :]
        second = np.sort(np.abs(np.linalg.eigvalsh((symmetric + symmetric.T) / 2)))[-2]
        return math.ceil(math.log(LEFT) / math.log(second))


def lattice(pair: tuple[Well, Well], sites: int) -> Lattice:
    """Return the lattice with so many sites on the narrower side.

    Raises
    ------
    ValueError
        If the wells' widths have no common measure of whole sites, or the sites are so few that the slope outdoes the
        noise.
    """
    widths = [well.half_width for well in pair]
    counts = [sites * width / min(widths) for width in widths]
    if not all(count.is_Integer for count in counts):
        raise ValueError(f"widths {widths} are no whole numbers of {sites} sites")
    first, second = map(int, counts)
    spacing = float(widths[0]) / first
    distances = spacing * (np.arange(max(first, second)) + 0.5)
    slopes = np.concatenate(
        [pair[0].slope(distances[:first], np), -pair[1].slope(distances[:second], np)[::-1]]
    )  # the second well is walked down
    temperatures = np.repeat([float(well.temperature) for well in pair], [first, second])
    time = MOVE * spacing**2 / (2 * temperatures.max())  # that a step takes
    mean = slopes * time / spacing  # in sites, and so is the mean square
    square = 2 * temperatures * time / spacing**2 + mean**2
    up, down = (square - mean) / 2, (square + mean) / 2
    if min(up.min(), down.min()) <= 0 or square.max() > 1:
        raise ValueError(f"{sites} sites are too few for the slope")
    up[-1] = down[0] = 0.0
    return Lattice(up, down, first)


@dataclass(frozen=True)
class TwoWellsTrial:
    """What is to be simulated to test a claim about log-odds, and what should come out.

    Attributes
    ----------
    pairs
        The two wells of each parameter, by its direction.
    expected, deviation
        The claim, and what one run adds to the standard deviation of the log-odds: 1/sqrt(p (1 - p)) for each
        parameter; they are independent.
    replicas, power
        As in ``experiment.Trial``.
    """

    pairs: Mapping[str, tuple[Well, Well]]
    expected: float
    deviation: float
    replicas: int
    power: float


@experiment.prepare.register
def _(
    observable: BasinLogOdds, process: Process, point: Mapping[str, Any], *, claim: Sequence[Any], truth: Sequence[Any]
) -> TwoWellsTrial:
    odds = [math.exp(float(each)) for each in observable.by_parameter(point)]
    deviation = math.hypot(*((1 + each) / math.sqrt(each) for each in odds))
    replicas, power = _plan((float(SCALE) - 1) * abs(float(truth[0])) / deviation)
    pairs = {direction: wells(point, direction) for direction in observable.directions}
    return TwoWellsTrial(pairs, float(claim[0]), deviation, replicas, power)


@experiment.prepare.register
def _(
    observable: EvenOdds, process: Process, point: Mapping[str, Any], *, claim: Sequence[Any], truth: Sequence[Any]
) -> TwoWellsTrial:
    too_large = {**point, "learning_rate": truth[0] * SCALE}
    (log_odds,) = BasinLogOdds().by_parameter(too_large)
    replicas, power = _plan(abs(float(log_odds)) / EVEN)
    return TwoWellsTrial({"": wells({**point, "learning_rate": claim[0]})}, 0.0, EVEN, replicas, power)


def _plan(effect: float) -> tuple[int, float]:
    """Return the runs that are needed to see an effect, in standard deviations of one run, and the power they give."""
    needed = math.ceil(((experiment.CRITICAL - float(ndtri(experiment.MISS))) / effect) ** 2)
    replicas = min(max(needed, experiment.FEWEST), experiment.MOST)
    return replicas, float(ndtr(effect * math.sqrt(replicas) - experiment.CRITICAL))


@experiment.judge.register
def _(trial: TwoWellsTrial, *, label: str, seed: int, backend: str = "numpy") -> experiment.Outcome:
    with double_precision(backend):
        found, error = estimate(trial, label=label, seed=seed, backend=backend)
    return experiment.Outcome(np.array([(found - trial.expected) / error]), trial.power, backend)


@experiment.simulated_claim.register
def _(trial: TwoWellsTrial, observable: BasinLogOdds, *, label: str, seed: int) -> tuple[float, float, int]:
    return *estimate(trial, label=label, seed=seed), trial.replicas


def estimate(trial: TwoWellsTrial, *, label: str, seed: int, backend: str = "numpy") -> tuple[float, float]:
    """Return the simulated log-odds and their standard error."""
    error = trial.deviation / math.sqrt(trial.replicas)
    most = BIAS * error / len(trial.pairs)
    parts = (_log_odds(pair, trial.replicas, most, label + where, seed, backend) for where, pair in trial.pairs.items())
    return sum(parts), error


@lru_cache(maxsize=64)
def _log_odds(pair: tuple[Well, Well], replicas: int, most: float, label: str, seed: int, backend: str) -> float:
    """Return the log-odds of the first well among independent runs, after the start is forgotten."""
    chosen, draws, step = fine_enough(pair, most), Draws(backend, label, seed), _step(backend)
    sites = len(chosen.up)
    # Row after row: a site and a number between 0 and 1 look up together where the run is next.
    edges = (np.cumsum(chosen.jump(), axis=1) + np.arange(sites)[:, None])[:, :-1].ravel()
    site = np.arange(replicas) % 2 * (sites - 1)  # at the bottoms
    for _ in range(JUMPS):
        site = step(site, draws.uniforms(replicas), edges, sites - 1)
    inside = int((site < chosen.first).sum())
    return math.log(inside / (replicas - inside))


@cache
def _step(backend: str) -> Callable[..., Any]:
    """Return what takes each run from its site to the next."""
    functions = functions_of(backend)

    def step(site: Any, uniform: Any, edges: Any, of_a_row: int) -> Any:
        return functions.searchsorted(edges, site + uniform) - site * of_a_row

    return compiled(step, backend)


def fine_enough(pair: tuple[Well, Well], most: float) -> Lattice:
    """Return the coarsest lattice whose log-odds move by at most so much if its sites are doubled."""
    sites, chosen = COARSEST, lattice(pair, COARSEST)
    while sites < FINEST:
        finer = lattice(pair, 2 * sites)
        if abs(finer.log_odds() - chosen.log_odds()) <= most:
            return chosen
        sites, chosen = 2 * sites, finer
    return chosen
