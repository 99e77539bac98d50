"""``simulate``: run SGD on a problem, many times, and say how sure the averages are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np

from sgdtheory.errors import DomainError, StabilityError, check_choice, check_type
from sgdtheory.numeric.arrays import NUMPY, kind_of
from sgdtheory.numeric.batch_noise import batch_noise, check_batch
from sgdtheory.numeric.sampling import IndexSampler, gaussian_sampler
from sgdtheory.numeric.scalars import whole_number
from sgdtheory.optimizers import SGD
from sgdtheory.problems import LeastSquares, Problem, Quadratic, as_point, check_problem
from sgdtheory.processes import additive_noise, least_squares
from sgdtheory.processes.update import update

BLOCK = 4096  # replicas that advance together, small enough for the cache
CURVE_POINTS = 160
BACKENDS = ("numpy", "numba", "jax", "auto")

BatchGradient = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Run:
    """What a simulation saw after its last step: averages over independent replicas, each with its standard error.

    Attributes
    ----------
    mean, covariance
        (d,) and (d, d), of the parameters.
    excess_loss, gradient_norm_squared
        Training loss above its minimum, and squared norm of the full gradient.
    mean_standard_error, covariance_standard_error, excess_loss_standard_error, gradient_norm_squared_standard_error
        Estimated from the replicas.
    curve_steps, curve_loss, curve_standard_error
        Mean excess loss along the way, at some of the steps.
    problem, optimizer, start, steps, replicas, seed, backend
        How it was run.
    """

    mean: np.ndarray
    mean_standard_error: np.ndarray
    covariance: np.ndarray
    covariance_standard_error: np.ndarray
    excess_loss: float
    excess_loss_standard_error: float
    gradient_norm_squared: float
    gradient_norm_squared_standard_error: float
    curve_steps: np.ndarray
    curve_loss: np.ndarray
    curve_standard_error: np.ndarray
    problem: Problem
    optimizer: SGD
    start: np.ndarray
    steps: int
    replicas: int
    seed: int
    backend: str

    def __repr__(self) -> str:
        return (
            f"<Run of {self.replicas} replicas, {self.steps} steps: excess loss {self.excess_loss:.6g}"
            f" +- {self.excess_loss_standard_error:.2g}>"
        )


def simulate(
    problem: Problem,
    optimizer: SGD,
    steps: int,
    replicas: int,
    start: Any = None,
    seed: int = 0,
    backend: str = "numpy",
    progress: Callable[[int, int], None] | None = None,
) -> Run:
    """Run SGD many times and average.

    Parameters
    ----------
    problem
        ``Quadratic``: Gaussian gradient noise is drawn. ``LeastSquares`` and ``from_loss``: real mini-batches are
        drawn.
    optimizer
        Any ``SGD``, momentum and Nesterov included; sampling ``"reshuffle"`` is not built yet.
    steps
        Steps of each run, >= 0.
    replicas
        Independent runs, >= 2.
    start
        (d,) parameters before the first step; the minimum if left out.
    seed
        Non-negative integer; the same seed gives the same run.
    backend
        ``"numpy"`` or ``"auto"``; ``"numba"`` and ``"jax"`` are not built yet.
    progress
        Called now and then with the replica-steps done and in all.

    Returns
    -------
    Run
        Averages over the replicas after the last step, with standard errors.

    Raises
    ------
    DomainError
        If a number is out of its domain, or the problem is not made of NumPy numbers.
    StabilityError
        If a replica diverged to numbers that are no longer finite.
    NotImplementedError
        For what is not built yet.

    Examples
    --------
    >>> from sgdtheory.problems import Quadratic
    >>> run = simulate(Quadratic([[2.0]], [[3.0]]), SGD(0.1, 4), steps=60, replicas=20_000)
    >>> bool(abs(run.covariance[0, 0] - 1 / 48) < 5 * run.covariance_standard_error[0, 0])
    True
    """
    _check(problem, optimizer, start, backend)
    steps = whole_number("steps", steps, least=0, symbols=False)
    seed = whole_number("seed", seed, least=0, symbols=False)
    replicas = whole_number("replicas", replicas, least=2, mend="a variance needs at least two runs", symbols=False)
    begin = np.array(problem.minimum if start is None else as_point(problem, start, "start"), dtype=float)
    recorded = _recorded_steps(steps)
    sums = np.zeros((2, len(recorded)))
    blocks = [min(BLOCK, replicas - done) for done in range(0, replicas, BLOCK)]
    final, done, total = [], 0, steps * replicas
    for number, size in enumerate(blocks):
        rng = np.random.default_rng([seed, number])
        draw_gradient = gradient_sampler(problem, optimizer, rng, size)
        state = np.repeat(begin[:, None], size, axis=1)
        velocity = np.zeros_like(state)
        with np.errstate(over="ignore", invalid="ignore"):
            for place, stop in enumerate(recorded):
                for step in range(recorded[place - 1] if place else 0, stop):
                    if progress and step % 64 == 0:
                        progress(done + step * size, total)
                    state, velocity = update(
                        state,
                        velocity,
                        draw_gradient(state),
                        learning_rate=optimizer.learning_rate,
                        momentum=optimizer.momentum,
                        nesterov=optimizer.nesterov,
                    )
                losses = _excess_loss(problem, state)
                _check_finite(losses, stop, optimizer)
                sums[:, place] += losses.sum(), (losses**2).sum()
        done += steps * size
        if progress:
            progress(done, total)
        final.append(state)
    curve = sums[0] / replicas
    spread = np.sqrt(np.maximum(sums[1] / replicas - curve**2, 0) / (replicas - 1))
    with np.errstate(over="ignore", invalid="ignore"):
        summary = _summary(problem, np.concatenate(final, axis=1))
    if not all(np.isfinite(value).all() for value in summary.values()):
        _check_finite(np.full(replicas, np.inf), steps, optimizer)
    return Run(
        **summary,
        curve_steps=recorded,
        curve_loss=curve,
        curve_standard_error=spread,
        problem=problem,
        optimizer=optimizer,
        start=begin,
        steps=steps,
        replicas=replicas,
        seed=seed,
        backend="numpy",
    )


def _check(problem: Problem, optimizer: SGD, start: Any, backend: str) -> None:
    check_problem(problem)
    check_type("optimizer", optimizer, SGD)
    check_choice("backend", backend, BACKENDS)
    knobs = (optimizer.learning_rate, optimizer.batch_size, optimizer.momentum)
    kinds = {"problem": problem.kind, "optimizer": kind_of(*knobs), "start": kind_of(start)}
    foreign = {what: kind for what, kind in kinds.items() if kind != NUMPY}
    if problem.constants:
        names = ", ".join(map(str, problem.constants))
        raise DomainError(
            "the problem has symbols without a value, so it cannot be simulated",
            got=f"no value for {names}",
            allowed="numbers for all of them",
            mend=f"take problem.at({{'{problem.constants[0]}': 1, ...}}) with a value for each of {names}",
        )
    if foreign:
        raise DomainError(
            "only problems made of NumPy numbers can be simulated",
            got=", ".join(f"{what} made of {kind}" for what, kind in foreign.items()),
            allowed="NumPy arrays and Python numbers",
            mend="convert the arrays with numpy.asarray",
        )
    if backend in ("numba", "jax"):
        raise NotImplementedError(f"simulate with backend={backend!r} is not built yet; backend='numpy' is")
    if optimizer.sampling == "reshuffle":
        raise NotImplementedError("simulate with sampling='reshuffle' (shuffled epochs) is not built yet")
    check_batch(problem, optimizer)


def _recorded_steps(steps: int) -> np.ndarray:
    spaced = np.geomspace(1, max(steps, 1), CURVE_POINTS).round().astype(int)
    return np.unique(np.concatenate([[0], spaced[spaced <= steps], [steps]]))


@singledispatch
def gradient_sampler(problem: Problem, optimizer: SGD, rng: np.random.Generator, replicas: int) -> BatchGradient:
    """Return the process's mini-batch gradient as a function of states (d, replicas); each kind of problem has one."""
    raise TypeError(f"no simulation of {type(problem).__name__}")


@gradient_sampler.register
def _(problem: LeastSquares, optimizer: SGD, rng: np.random.Generator, replicas: int) -> BatchGradient:
    draw = IndexSampler(rng, problem.dataset_size, optimizer.batch_size, optimizer.sampling)
    columns, targets = np.ascontiguousarray(problem.X.T), problem.y

    def of_batch(state: np.ndarray) -> np.ndarray:
        batch = [(columns[:, picked], targets[picked]) for picked in draw(replicas)]
        return least_squares.gradient(state, batch, ridge=problem.ridge)

    return of_batch


@gradient_sampler.register
def _(problem: Quadratic, optimizer: SGD, rng: np.random.Generator, replicas: int) -> BatchGradient:
    noise = gaussian_sampler(batch_noise(problem, optimizer), rng)
    minimum = problem.minimum[:, None]
    return lambda state: additive_noise.gradient(state, noise(replicas), curvature=problem.hessian, minimum=minimum)


def _excess_loss(problem: Problem, state: np.ndarray) -> np.ndarray:
    offset = state - problem.minimum[:, None]
    return (offset * (problem.hessian @ offset)).sum(axis=0) / 2


def _check_finite(losses: np.ndarray, step: int, optimizer: SGD) -> None:
    lost = ~np.isfinite(losses**2)  # a loss whose square overflows has no standard error either
    if lost.any():
        raise StabilityError(
            "SGD diverged",
            got=f"{int(lost.sum())} of {len(losses)} replicas no longer finite after"
            f" {step} steps at learning rate {optimizer.learning_rate}",
            allowed="learning rates at which the second moment stays finite",
            mend="take a smaller learning rate or a larger batch; the limit of the mean"
            " (stability_limit) is only an upper bound where curvature varies between samples",
        )


def _summary(problem: Problem, states: np.ndarray) -> dict[str, Any]:
    replicas = states.shape[1]
    offset = states - problem.minimum[:, None]
    slope = problem.hessian @ offset
    losses, norms = (offset * slope).sum(axis=0) / 2, (slope**2).sum(axis=0)
    centred = offset - offset.mean(axis=1, keepdims=True)
    covariance = centred @ centred.T / (replicas - 1)
    fourth = (centred**2) @ (centred**2).T / replicas
    root = np.sqrt(replicas)
    return {
        "mean": problem.minimum + offset.mean(axis=1),
        "mean_standard_error": np.sqrt(np.diagonal(covariance)) / root,
        "covariance": covariance,
        "covariance_standard_error": np.sqrt(np.maximum(fourth - covariance**2, 0)) / root,
        "excess_loss": float(losses.mean()),
        "excess_loss_standard_error": float(losses.std(ddof=1) / root),
        "gradient_norm_squared": float(norms.mean()),
        "gradient_norm_squared_standard_error": float(norms.std(ddof=1) / root),
    }
