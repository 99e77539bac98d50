"""How fast a power of the distance from the minimum grows, E |e_t|^s, without the noise there: by simulation.

The mean of a high power is carried by rare runs. So a population takes steps, and after each step is drawn anew with
weights (growth of the step)^s. Directions are then spread as they are where the moment lives, and the logarithm of the
mean weight there, over all steps, is the growth of the moment per step. Populations are independent, and their scatter
gives the standard error; it is too small where powers are so high that draws which carry the mean are not met at all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer
from sgdtheory.numeric.stability.draws import Batches


class Populations(NamedTuple):
    """How much is simulated.

    Attributes
    ----------
    populations, size
        Independent populations, and runs in each.
    settle, steps
        Steps before, and steps that are measured.
    """

    populations: int = 8
    size: int = 500
    settle: int = 60
    steps: int = 240


def moment_growth(
    batches: Batches, dimension: int, optimizer: LinearOptimizer, power: float, seed: int, effort: Populations
) -> tuple[float, float]:
    """Return the growth of E |e|^power per step, as a logarithm, and its standard error.

    Examples
    --------
    >>> from sgdtheory.numeric.moments.linear_optimizer import of
    >>> from sgdtheory.numeric.solvers.sampled_curvature import RankOneCurvature
    >>> from sgdtheory.optimizers import SGD
    >>> one = Batches(RankOneCurvature(np.array([[1.0]])), 1)  # no randomness: 3 log |1 - 0.1| at each step
    >>> moment_growth(one, 1, of(SGD(0.1, 1)), 3.0, 0, Populations(2, 4, 1, 4))[0].__round__(6)
    -0.316082
    """
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    shape = effort.populations, effort.size
    state = rng.standard_normal((optimizer.size, effort.populations * effort.size, dimension, 1))
    state /= np.sqrt(np.square(state).sum(axis=(0, 2, 3), keepdims=True))
    total = np.full(effort.populations, -np.inf)
    first = effort.size * np.arange(effort.populations)[:, None]
    products = batches.products(rng, effort.populations * effort.size)
    for step, product in zip(range(effort.settle + effort.steps), products, strict=False):
        gradient = product(np.tensordot(optimizer.look, state, 1))
        state = np.tensordot(optimizer.transition, state, 1) + optimizer.drive[:, None, None, None] * gradient
        length = np.sqrt(np.square(state).sum(axis=(0, 2, 3)))
        state = state / length[:, None, None]
        with np.errstate(divide="ignore"):
            logs = power * np.log(length.reshape(shape))
        most = logs.max(axis=1, keepdims=True)
        weights = np.exp(logs - most)
        if step >= effort.settle:
            total = np.logaddexp(total, most[:, 0] + np.log(weights.mean(axis=1)))
        ends = np.cumsum(weights, axis=1)
        ends /= ends[:, -1:]
        marks = (np.arange(effort.size) + rng.random((effort.populations, 1))) / effort.size
        kept = np.array([np.searchsorted(end, mark) for end, mark in zip(ends, marks, strict=True)])
        state = state[:, (np.minimum(kept, effort.size - 1) + first).ravel()]
    rates = total - np.log(effort.steps)
    mean = float(np.logaddexp.reduce(rates) - np.log(len(rates)))
    return mean, float(np.exp(rates - mean).std(ddof=1) / np.sqrt(len(rates)))
