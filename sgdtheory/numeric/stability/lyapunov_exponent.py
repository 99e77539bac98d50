"""The rate at which a single run of SGD grows or falls: the top Lyapunov exponent of a product of random steps.

Many independent chains take steps without additive noise, all learning rates on the same batches, and are brought back
to length one as they go; the mean logarithm of what that takes, per step, is the exponent, and the chains' scatter its
standard error. It rarely has a closed form. For isotropic Gaussian features and plain SGD it has: every direction is
alike, so that E log |(1 - eta H_B) u| with a fixed unit vector u is all (``numeric.stability.isotropic``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sgdtheory.numeric.moments.linear_optimizer import of
from sgdtheory.numeric.stability.draws import Batches
from sgdtheory.optimizers import SGD

EVERY = 8  # steps between two normalisations; a step of a rate near its limit changes a length by a modest factor


class Effort(NamedTuple):
    """How much is simulated.

    Attributes
    ----------
    chains
        Independent runs.
    settle, steps
        Steps until the chains are taken to have found the direction that grows most, and steps that are measured.
    """

    chains: int = 64
    settle: int = 400
    steps: int = 1600


def growth(
    batches: Batches, dimension: int, optimizer: SGD, rates: np.ndarray, seed: int, effort: Effort
) -> np.ndarray:
    """Return (k, chains) mean logarithms of the growth per step at k learning rates, on the same batches.

    Parameters
    ----------
    batches
        How batches are drawn; the coordinates must have positive mean curvature, all of them.
    dimension
        Number r of coordinates.
    optimizer
        Its momentum is used, its learning rate is not.
    rates
        (k,) learning rates.
    seed
        Of the draws.
    effort
        See there.

    Examples
    --------
    >>> from sgdtheory.numeric.solvers.sampled_curvature import RankOneCurvature
    >>> one = Batches(RankOneCurvature(np.array([[1.0]])), 1)  # no randomness: log |1 - 0.1| at each step
    >>> growth(one, 1, SGD(1, 1), np.array([0.1]), 0, Effort(2, 8, 8)).round(6)
    array([[-0.105361, -0.105361]])
    """
    linears = [of(SGD(rate, 1, momentum=optimizer.momentum, nesterov=optimizer.nesterov)) for rate in rates]
    transition, drive = (np.array([getattr(linear, name) for linear in linears]) for name in ("transition", "drive"))
    look, s = linears[0].look, linears[0].size
    rng = np.random.default_rng(np.random.SeedSequence(seed))
    state = list(np.repeat(rng.standard_normal((s, effort.chains, dimension, 1)), len(rates), axis=3))
    total = np.zeros((effort.chains, len(rates)))
    last = effort.settle + effort.steps
    for step, product in enumerate(batches.products(rng, effort.chains), 1):
        gradient = product(sum(look[a] * state[a] for a in range(s) if look[a]))
        state = [sum((transition[:, a, b] * state[b] for b in range(s)), drive[:, a] * gradient) for a in range(s)]
        if step % EVERY == 0 or step in (effort.settle, last):
            length = np.sqrt(sum(np.square(part).sum(axis=1) for part in state))
            state = [part / length[:, None] for part in state]
            total += np.log(length)
            if step == effort.settle:
                total[:] = 0
            if step == last:
                return total.T / effort.steps
    raise AssertionError("batches are drawn without end")
