"""``sample_paths``: draw states of SGD's Gaussian model at given times at once, without the steps between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from sgdtheory.errors import DomainError, ShapeError, StabilityError, check_type
from sgdtheory.numeric.arrays import NUMPY, as_array, kind_of
from sgdtheory.numeric.batch_noise import batch_noise
from sgdtheory.numeric.sampling import square_root
from sgdtheory.numeric.scalars import whole_number
from sgdtheory.optimizers import SGD, SGLD, Optimizer, refuse_delay
from sgdtheory.problems import Problem, Quadratic, as_point, check_problem
from sgdtheory.verbs.laws import transient_law

MOST_STEPS = 10**300


def sample_paths(
    problem: Problem,
    optimizer: Optimizer,
    start: Any,
    steps: int | Sequence[int],
    replicas: int,
    *,
    limit: str | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Draw the parameters after given numbers of steps from their joint law, by exact jumps.

    Each state is drawn from the law of the parameters given the state before, however many steps lie between: the
    cost is that of the looks, not of the steps. Nothing is approximated, at any learning rate.

    Parameters
    ----------
    problem
        One with constant curvature and Gaussian noise, in NumPy numbers: a ``Quadratic``.
    optimizer
        ``SGD`` without momentum, sampling ``"replacement"`` or ``"without_replacement"``, or ``SGLD``, whose injected
        noise is drawn with that of the batches; the learning rate may also be unstable.
    start
        (d,) parameters before the first step, or (replicas, d), one start for each path.
    steps
        Numbers of steps at which to look, whole numbers >= 0 in increasing order; one number stands for one look.
    replicas
        Independent paths, >= 1.
    limit
        None for SGD itself; ``"diffusion"`` for exact paths of its Ornstein-Uhlenbeck limit, step k at time
        k * learning_rate.
    seed
        Non-negative integer; the same seed gives the same paths.

    Returns
    -------
    numpy.ndarray
        (replicas, looks, d) parameters. In memory the replicas lie next to each other, so that averages over them
        are fast.

    Raises
    ------
    DomainError
        If the steps do not increase, a number is out of its domain, the problem is not made of NumPy numbers or its
        gradient noise is not Gaussian.
    ShapeError, NonFiniteError
        If ``start`` does not fit the problem, or holds a NaN.
    StabilityError
        If an unstable learning rate drove the parameters beyond floating point.
    NotImplementedError
        For momentum and for sampling ``"reshuffle"``.

    Notes
    -----
    Source: closed forms ``quadratic.mean_trajectory`` and ``quadratic.transient_covariance``, or their diffusion
    limits, evaluated once for each distance between two looks. A jump costs O(d) for each path where Hessian and
    noise commute, O(d^2) elsewhere; every look adds one rotation out of the eigenbasis.

    Examples
    --------
    >>> from sgdtheory.problems import Quadratic
    >>> paths = sample_paths(Quadratic([[2.0]], [[3.0]]), SGD(0.1, 4), [1.0], [2, 1000], replicas=20_000)
    >>> paths.shape
    (20000, 2, 1)
    >>> bool(abs(paths[:, 0].mean() - 0.64) < 0.005)  # (1 - 0.2) ** 2
    True
    """
    _check_problem(problem, optimizer, start)
    looks = _looks(steps)
    replicas = whole_number("replicas", replicas, least=1, symbols=False)
    seed = whole_number("seed", seed, least=0, symbols=False)
    transient_law(problem, optimizer, problem.minimum, looks[-1], limit)  # refuses what has no law, before any work
    vectors, minimum = problem.spectrum.vectors, problem.minimum[:, None]
    state = vectors.T @ (_starts(problem, start, replicas) - minimum)
    modes, jumps = _in_modes(problem, optimizer), {}
    rng, normals = np.random.default_rng(seed), np.empty((problem.dimension, replicas))
    paths = np.empty((len(looks), problem.dimension, replicas))
    with np.errstate(over="ignore", invalid="ignore"):
        for number, (before, look) in enumerate(pairwise([0, *looks])):
            if length := look - before:  # of Python's integers, which have no end
                if length not in jumps:
                    jumps[length] = _jump(modes, optimizer, length, limit, look)
                jumps[length].take(state, rng.standard_normal(out=normals))
            np.matmul(vectors, state, out=paths[number])
            paths[number] += minimum
    _check_finite(paths, looks, optimizer)
    return np.moveaxis(paths, -1, 0)


@dataclass(frozen=True)
class _Jump:
    """One jump in the eigenbasis: the factors (d, 1) on the state and a root of the covariance that is added.

    The root is (d, d), or (d, 1) where the covariance is diagonal.
    """

    factors: np.ndarray
    root: np.ndarray

    def take(self, state: np.ndarray, normals: np.ndarray) -> None:
        """Move states (d, replicas) in place; standard normals of the same shape are used up."""
        state *= self.factors
        if self.root.shape[1] == len(state) > 1:
            state += self.root @ normals
        else:
            normals *= self.root
            state += normals


def _jump(modes: Quadratic, optimizer: Optimizer, length: int, limit: str | None, look: int) -> _Jump:
    """Work out a jump from the law of the modes, started at one in each of them; errors name the look it leads to."""
    law = transient_law(modes, SGD(optimizer.learning_rate, 1), np.ones(modes.dimension), length, limit)
    try:
        factors, covariance = law.mean[:, None], law.covariance
    except DomainError:  # its sums are continued where they are 0/0, so what is no number has overflowed
        raise _diverged(look, optimizer) from None
    variances = np.diagonal(covariance)
    scale = np.sqrt(variances)[:, None]
    if not np.any(covariance - np.diag(variances)):
        return _Jump(factors, scale)
    # The root of the correlations keeps the digits of modes whose variances differ by many orders.
    unit = np.where(scale > 0, scale, 1.0)
    return _Jump(factors, scale * square_root(covariance / (unit * unit.T)))


def _in_modes(problem: Problem, optimizer: Optimizer) -> Quadratic:
    """Return the problem in its eigenbasis, with the noise of a whole batch, less couplings that are rounding."""
    spectrum = problem.spectrum
    noise = spectrum.vectors.T @ batch_noise(problem, optimizer) @ spectrum.vectors
    noise = (noise + noise.T) / 2
    alone = np.diag(np.diagonal(noise))
    rounding = 8 * len(noise) * np.finfo(float).eps * np.abs(noise).max()
    commute = np.abs(noise - alone).max() <= rounding
    return Quadratic(np.diag(spectrum.eigenvalues), alone if commute else noise)


def _check_problem(problem: Problem, optimizer: Optimizer, start: Any) -> None:
    check_problem(problem)
    check_type("optimizer", optimizer, SGD, SGLD)
    if not (problem.gaussian and problem.exact):
        raise DomainError(
            "the parameters of this problem are not Gaussian, so there are no exact jumps",
            got=repr(problem),
            allowed="a Quadratic, with Gaussian gradient noise",
            mend="take its Gaussian model, Quadratic(problem.hessian, problem.noise, problem.minimum,"
            " problem.dataset_size), or run the steps with simulate",
        )
    kinds = {"problem": problem.kind, "optimizer": kind_of(*optimizer.numbers), "start": kind_of(start)}
    if foreign := {what: kind for what, kind in kinds.items() if kind != NUMPY}:
        raise DomainError(
            "paths are drawn in NumPy numbers only",
            got=", ".join(f"{what} made of {kind}" for what, kind in foreign.items()),
            allowed="NumPy arrays and Python numbers",
            mend="convert arrays with numpy.asarray, sparse matrices with .toarray()",
        )
    refuse_delay(optimizer, "exact jumps")
    if optimizer.momentum != 0 or optimizer.sampling == "reshuffle":
        raise NotImplementedError(
            "exact jumps with momentum or sampling='reshuffle' are not built yet; simulate runs them"
        )


def _looks(steps: Any) -> list[int]:
    """Return the numbers of steps as a list: whole numbers that increase."""
    several = isinstance(steps, Sequence) or (isinstance(steps, np.ndarray) and steps.ndim > 0)
    numbers = steps if several else [steps]
    looks = [whole_number("steps", number, least=0, symbols=False) for number in numbers]
    if not looks or any(later <= earlier for earlier, later in pairwise(looks)):
        raise DomainError(
            "the steps do not increase" if looks else "there are no steps to look at",
            got=f"{looks!r:.60}",
            allowed="whole numbers >= 0, each larger than the one before",
            mend="hand in sorted(set(steps))" if looks else "hand in at least one number of steps",
        )
    if looks[-1] > MOST_STEPS:
        raise DomainError(
            "the number of steps is beyond floating point",
            got=f"a number of {looks[-1].bit_length()} bits",
            allowed="numbers of steps up to 10**300",
            mend="take fewer steps; the stationary law is reached long before",
        )
    return looks


def _starts(problem: Problem, start: Any, replicas: int) -> np.ndarray:
    """Return the starts as columns, (d, replicas)."""
    if not _has_rows(start):
        return np.repeat(as_point(problem, start, "start")[:, None], replicas, axis=1)
    starts = as_array("start", start, NUMPY, 2)
    if starts.shape != (replicas, problem.dimension):
        raise ShapeError(
            "start does not fit the problem and the replicas",
            got=f"shape {starts.shape}",
            allowed=f"shape {(problem.dimension,)}, or {(replicas, problem.dimension)}",
            mend="give one row for each replica, with one entry for each parameter",
        )
    return starts.T


def _has_rows(start: Any) -> bool:
    if isinstance(start, np.ndarray):
        return start.ndim > 1
    return isinstance(start, list | tuple) and any(isinstance(row, list | tuple | np.ndarray) for row in start)


def _check_finite(paths: np.ndarray, looks: list[int], optimizer: Optimizer) -> None:
    if not np.isfinite(paths[-1]).all():  # what is not finite stays so
        lost = next(look for look, state in zip(looks, paths, strict=True) if not np.isfinite(state).all())
        raise _diverged(lost, optimizer)


def _diverged(steps: int, optimizer: Optimizer) -> StabilityError:
    return StabilityError(
        "the parameters grew beyond floating point",
        got=f"learning rate {optimizer.learning_rate}, by step {steps}",
        allowed="as many steps as the numbers can hold",
        mend="take fewer steps or a smaller learning rate",
    )
