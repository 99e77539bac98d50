"""The exact expected loss of SGD along a whole run, in NumPy numbers: which map carries its moments, and its powers.

Where all samples share one curvature each mode of the Hessian has a small map of its own. Where the features are
Gaussian the modes' squares are linked by the loss alone. Else all pairs of modes are carried, with the mean, which the
noise sees while a run is under way: written out and squared where that is small, by Arnoldi's method where it is not.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sgdtheory.numeric.batch_noise import batch_noise, batch_share
from sgdtheory.numeric.moments.linear_optimizer import LinearOptimizer, check_delay, of, with_average
from sgdtheory.numeric.moments.loss_curves.doubling import doubled
from sgdtheory.numeric.moments.loss_curves.homogenized import Homogenized
from sgdtheory.numeric.moments.loss_curves.krylov import watched
from sgdtheory.numeric.moments.loss_curves.maps import LinkedPairs, LinkedSquares, SeparateModes
from sgdtheory.numeric.moments.loss_curves.noise import SampleNoise, sample_noise
from sgdtheory.numeric.solvers.sampled_curvature import GaussianCurvature
from sgdtheory.optimizers import SGD
from sgdtheory.problems import GaussianFeatures, LeastSquares, Problem

WRITTEN_OUT = 300  # numbers up to which a map is written out as a matrix
AT_ONCE = 10  # matrices of all pairs of modes that a step of their moments holds, and passes over them
PRODUCTS = 200  # with that map, in most long runs
LARGEST_STATES = 2e7  # numbers of all states at once
HIGH_DIMENSIONAL = ("the limit of many samples and parameters with a learning rate times curvature that is small",)


@dataclass(frozen=True, eq=False)
class Watcher:
    """An optimizer and what a person reads off its state.

    Attributes
    ----------
    optimizer
        Its state is in units of the parameters; a velocity counts as the move that it makes.
    seen
        The vectors (s,) that read the parameters and, where there is one, the average of the weights.
    """

    optimizer: LinearOptimizer
    seen: tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Curves:
    """Along the times, (T,): what is expected of the parameters (row 0) and of the averaged weights (row 1, if any).

    Attributes
    ----------
    excess_loss, gradient_norm_squared
        (1 or 2, T).
    loss_of_mean
        (1 or 2, T): the excess loss at the mean, what is left of the start.
        None where it is not known.
    method
        How it was worked out, in words.
    caveats
        What is approximate, in sentences.
    """

    excess_loss: np.ndarray
    gradient_norm_squared: np.ndarray
    loss_of_mean: np.ndarray | None
    method: str
    caveats: tuple[str, ...] = ()


def watcher(optimizer: SGD, averaging_decay: float | None = None) -> Watcher:
    """Return SGD, with the exponential average of its weights where a decay is given.

    The average starts at the start and takes ``average <- decay * average + (1 - decay) * parameters`` after each step.

    Examples
    --------
    >>> watcher(SGD(0.5, 1), averaging_decay=0.75).optimizer.along(np.array([1.0]))[0]
    array([[0.5  , 0.   ],
           [0.125, 0.75 ]])
    """
    linear = of(optimizer)
    seen = [linear.held]
    if averaging_decay is not None:
        linear = with_average(linear, averaging_decay)
        seen = [np.append(seen[0], 0.0), linear.held]
    units = np.where(linear.velocity == 0, 1.0, 1 / optimizer.learning_rate)
    return Watcher(linear.in_units(units), tuple(seen))


def curves(
    problem: Problem, optimizer: SGD, offset: np.ndarray, times: np.ndarray, averaging_decay: float | None = None
) -> Curves:
    """Return the expected curves of SGD from ``offset``, (d,), about the minimum, at ascending times, (T,).

    Times beyond which the expectation exceeds floating point have the value infinity.
    """
    _check_delay(problem, optimizer, int(times.max(initial=0)))
    watch, spectrum = watcher(optimizer, averaging_decay), problem.spectrum
    h, V = spectrum.eigenvalues, spectrum.vectors
    if problem.one_curvature or not problem.exact:  # an expanded loss has the noise of its minimum everywhere
        e = V.T @ offset
        floor = np.einsum("ai,ab,bi->i", V, batch_noise(problem, optimizer), V, optimize=True)
        seen, method = _separate(SeparateModes(watch.optimizer, h, floor), watch, e, times)
    else:
        noise, share = sample_noise(problem), float(batch_share(problem, optimizer))
        moving = _moving(h, V, noise, spectrum.rounding)
        h, V = h[moving], V[:, moving]
        e = V.T @ offset
        seen, method = _linked(watch, h, noise.turned(V), share, e, times)
    looked = len(watch.seen)
    return Curves(seen[:looked], seen[looked:], _mean(watch, h, e, times), method, problem.caveats)


def _check_delay(problem: Problem, optimizer: SGD, last: int) -> None:
    d = problem.dimension
    if problem.one_curvature or not problem.exact or isinstance(problem, GaussianFeatures):
        check_delay(optimizer, d, times=max(1, last.bit_length()))
    else:  # carried as pairs, not written out
        check_delay(optimizer, AT_ONCE * d**2, side=1, times=max(1, min(last, PRODUCTS)))


def high_dimensional_curves(problem: LeastSquares, optimizer: SGD, offset: np.ndarray, times: np.ndarray) -> Curves:
    """Return the curves of homogenized SGD."""
    h, V = problem.spectrum.eigenvalues, problem.spectrum.vectors
    moving = h > problem.spectrum.rounding
    h, lowest = h[moving], problem.loss(problem.minimum)
    law = Homogenized(h, optimizer.learning_rate, float(batch_share(problem, optimizer)), lowest)
    parts = law.parts(V[:, moving].T @ offset, times.astype(float))
    with np.errstate(over="ignore", invalid="ignore"):
        values = [_or_infinite((weights @ parts)[None]) for weights in (np.ones_like(h), 2 * h)]
    return Curves(*values, None, f"the eigenvalues of a flow of {len(h)} modes", HIGH_DIMENSIONAL)


def _moving(h: np.ndarray, V: np.ndarray, noise: SampleNoise, rounding: float) -> np.ndarray:
    """Return which modes move: those with curvature, and all if a sample moves one that has none in the mean."""
    flat = np.abs(h) <= rounding
    still = V[:, flat]
    spread = np.trace(noise.curvature.spread(still @ still.T)) if flat.any() else 0.0
    pushed = np.einsum("ai,ab,bi->", still, noise.floor, still)
    if spread > rounding * np.abs(h).max() or pushed > 1e-14 * np.trace(noise.floor):
        return np.ones(len(h), dtype=bool)
    return ~flat


def _looks(chart: object, h: np.ndarray, watch: Watcher) -> np.ndarray:
    return np.array([chart.look(weights, seen) for weights in (h / 2, h**2) for seen in watch.seen])  # type: ignore[attr-defined]


def _separate(modes: SeparateModes, watch: Watcher, e: np.ndarray, times: np.ndarray) -> tuple[np.ndarray, str]:
    changes, start, looks = modes.changes, modes.start(e), _looks(modes, modes.curvatures, watch)
    at_once = max(1, int(LARGEST_STATES // start.size))
    with np.errstate(over="ignore", invalid="ignore"):
        parts = [
            np.einsum("qik,ikt->qt", looks, doubled(changes, start, times[first : first + at_once]), optimize=True)
            for first in range(0, len(times), at_once)
        ]
    values = np.concatenate(parts, axis=1)
    return _or_infinite(values), f"a small map for each mode ({len(start)}), powers by repeated squaring"


def _linked(
    watch: Watcher, h: np.ndarray, noise: SampleNoise, share: float, e: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, str]:
    linear = watch.optimizer
    if isinstance(noise.curvature, GaussianCurvature):
        floor = share * np.diag(noise.floor)
        chart: LinkedSquares | LinkedPairs = LinkedSquares(SeparateModes(linear, h, floor), share, -1.0)
    else:
        chart = LinkedPairs(linear, h, noise, share, float(np.linalg.norm(e)))
    looks, start = _looks(chart, h, watch), chart.start(e)
    if chart.size <= WRITTEN_OUT:
        matrix = np.array([chart.change(unit) for unit in np.eye(chart.size)]).T
        with np.errstate(over="ignore", invalid="ignore"):
            values = looks @ doubled(matrix, start, times)
        return _or_infinite(values), f"a map of {chart.size} moments, powers by repeated squaring"
    seen = watched(chart.change, start, looks, times)
    return _or_infinite(seen.values), f"a map of {chart.size} moments, {seen.products} products with it (Arnoldi)"


def _mean(watch: Watcher, h: np.ndarray, e: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the excess loss at the mean of the parameters, and of the average."""
    states = doubled(watch.optimizer.change(h), e[:, None] * watch.optimizer.start, times)
    with np.errstate(over="ignore", invalid="ignore"):
        read = np.array([np.einsum("a,iat->it", seen, states) for seen in watch.seen])
        return _or_infinite((h[:, None] / 2 * read**2).sum(axis=1))


def _or_infinite(values: np.ndarray) -> np.ndarray:
    """Return (q, T) values with infinity, of the sign of the last finite one, for what floating point cannot hold."""
    finite = np.isfinite(values)
    last = np.maximum.accumulate(np.where(finite, np.arange(values.shape[-1]), 0), axis=-1)
    falling = np.take_along_axis(values, last, axis=-1) < 0
    return np.where(finite, values, np.where(falling, -np.inf, np.inf))
