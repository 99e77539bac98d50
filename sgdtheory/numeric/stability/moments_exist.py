"""Which moments the stationary law has, where samples differ in their curvature."""

from __future__ import annotations

from contextlib import suppress

import numpy as np

from sgdtheory.errors import StabilityError
from sgdtheory.numeric.arrays import NUMPY
from sgdtheory.numeric.moments.linear_optimizer import of
from sgdtheory.numeric.moments.of_problem import loop_of
from sgdtheory.numeric.solvers.symmetric_space import DENSE
from sgdtheory.numeric.stability.draws import Batches
from sgdtheory.numeric.stability.fourth_moment import LARGEST_STATE, batch_factors, deviations, fourth_moment_radius
from sgdtheory.numeric.stability.lyapunov_exponent import Effort, growth
from sgdtheory.numeric.stability.moment_growth import Populations
from sgdtheory.numeric.stability.of_problem import almost_sure_stability, batches_of
from sgdtheory.numeric.stability.tail import Tail, exact_growth, exact_tail, never_expands, simulated_tail
from sgdtheory.optimizers import SGD
from sgdtheory.problems import Problem

LOWEST = 0.05  # a power below which no tail index is told from zero
CERTAIN = 3.0  # standard errors of a growth rate


def fourth_moment_exists(problem: Problem, optimizer: SGD) -> bool | None:
    """Return whether the stationary law has a fourth moment, or None where finding out is not built or too large.

    Known are plain SGD in one parameter or where no sample is too sharp, isotropic Gaussian features, and states of few
    numbers; it takes a fraction of a second. Standard errors of a simulated second moment need the fourth.

    Examples
    --------
    >>> from sgdtheory.problems import GaussianFeatures
    >>> stream = GaussianFeatures([[1.0]], 1.0)  # E (1 - eta x^2)^2 < 1 below 2/3, E (1 - eta x^2)^4 < 1 below 0.386
    >>> [fourth_moment_exists(stream, SGD(rate, 1)) for rate in (0.38, 0.39)]
    [True, False]
    """
    if problem.kind != NUMPY or optimizer.sampling == "reshuffle":
        return None
    with suppress(NotImplementedError):
        return _fourth_moment_exists(problem, optimizer)
    return None


def _fourth_moment_exists(problem: Problem, optimizer: SGD) -> bool | None:
    if problem.one_curvature:
        return True
    modes, batches = batches_of(problem, optimizer)
    if never_expands(modes, batches, optimizer):
        return True
    exact = exact_growth(modes, batches, optimizer)
    if exact is not None:
        return exact(4.0) < 0
    H = np.diag(modes.eigenvalues)
    if len(H) <= DENSE and not loop_of(problem, optimizer).contracts:
        return False
    if of(optimizer).size * len(H) > LARGEST_STATE:
        return None
    found = deviations(batches.samples, batches.ridge, H)
    if found is None:
        return None
    factors = batch_factors(optimizer.batch_size, problem.dataset_size, optimizer.sampling)
    return fourth_moment_radius(*found, H, of(optimizer), factors) < 1


def tail_of(problem: Problem, optimizer: SGD, seed: int, effort: Populations | None = None) -> Tail:
    """Return the tail index of the stationary law; the problem's samples differ in their curvature."""
    modes, batches = batches_of(problem, optimizer)
    if never_expands(modes, batches, optimizer):
        return Tail(np.inf, 0.0)
    exact = exact_growth(modes, batches, optimizer)
    if exact is not None:
        found = exact_tail(exact)
        if found is None:
            raise _grows(problem, optimizer, seed)
        return found
    square = loop_of(problem, optimizer).contracts
    if not square and _single_runs_grow(len(modes.eigenvalues), batches, optimizer, seed):
        raise _grows(problem, optimizer, seed)
    least = 4.0 if fourth_moment_exists(problem, optimizer) else 2.0 if square else LOWEST
    found = simulated_tail(modes, batches, optimizer, least, seed, effort)
    if not square and found.index <= LOWEST:
        raise _grows(problem, optimizer, seed)
    return found


def _single_runs_grow(dimension: int, batches: Batches, optimizer: SGD, seed: int) -> bool:
    """Return whether simulated runs leave no doubt that they grow."""
    (found,) = growth(batches, dimension, optimizer, np.array([float(optimizer.learning_rate)]), seed, Effort())
    return bool(found.mean() > CERTAIN * found.std(ddof=1) / len(found) ** 0.5)


def _grows(problem: Problem, optimizer: SGD, seed: int) -> StabilityError:
    limit = almost_sure_stability(problem, optimizer, seed).rate
    return StabilityError(
        "single runs grow, so nothing is stationary",
        got=f"learning rate {float(optimizer.learning_rate):.6g}",
        allowed=f"learning rates below the almost-sure limit, {limit:.4g}",
        mend="lower the learning rate; see stability_limit with kind='almost_sure'",
    )
