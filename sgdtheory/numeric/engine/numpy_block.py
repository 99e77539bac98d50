"""Blocks of replicas in NumPy: every model, every way of sampling; the reference for the other backends."""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch
from typing import Any

import numpy as np

from sgdtheory.numeric.engine.accumulate import accumulate
from sgdtheory.numeric.engine.block import ChainSums, check_companion, knobs
from sgdtheory.numeric.engine.model import (
    GaussianFeaturesModel,
    GaussianModel,
    MatrixModel,
    Model,
    RankOneModel,
    SampledModel,
    SharedCurvatureModel,
    dataset_size,
    step_normals,
)
from sgdtheory.numeric.sampling import IndexSampler
from sgdtheory.optimizers import SGD
from sgdtheory.processes import additive_noise, least_squares, quadratic_sums
from sgdtheory.processes.update import update

Past = tuple[np.ndarray, ...]  # the states before this one, oldest first
# From offsets (d, replicas) and one step's draw to the mini-batch gradient (d, replicas).
BatchGradient = Callable[[np.ndarray, Any], np.ndarray]


class NumpyBlock:
    """Replicas that advance together in vectorised NumPy; see ``Block`` for the parameters."""

    def __init__(
        self,
        model: Model,
        optimizer: SGD,
        start: np.ndarray,
        replicas: int,
        seed: np.random.SeedSequence,
        *,
        precision: str = "float64",
        companion: bool = False,
    ) -> None:
        check_companion(model, companion)
        self._rng = np.random.default_rng(seed)
        self._knobs = knobs(optimizer)
        self._indices = _index_sampler(model, optimizer, self._rng, replicas)
        self._next = _source(model, optimizer.batch_size, self._indices, self._rng, replicas)
        self._gradient = batch_gradient(model, precision)
        self._state = _columns(start, model.dimension, replicas, precision)
        self._velocity = np.zeros_like(self._state)
        self._past = (self._state,) * optimizer.delay  # oldest first
        self._companion: tuple[np.ndarray, np.ndarray] | None = None
        self._companion_past: Past = ()
        if companion:
            shared = SharedCurvatureModel(model.hessian, model.gradients)  # type: ignore[union-attr]
            self._companion_gradient = batch_gradient(shared, precision)
            self._companion = np.zeros_like(self._state), np.zeros_like(self._state)
            self._companion_past = self._companion[:1] * optimizer.delay

    def advance(self, steps: int) -> None:
        """Take steps with draws of its own."""
        for _ in range(steps):
            self._step(self._next())

    def follow(self, draws: np.ndarray, sizes: np.ndarray | None = None) -> None:
        """Take one step for each of the given draws."""
        for step, drawn in enumerate(draws):
            self._step(drawn if sizes is None else drawn[: sizes[step]])

    def draw(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the draws and sizes that the next ``advance(steps)`` would have used, and use them up."""
        drawn = [self._next() for _ in range(steps)]
        sizes = np.array([len(batch) for batch in drawn], dtype=np.int64)
        like = drawn[0] if drawn else np.empty((0, self._state.shape[1]))
        draws = np.zeros((steps, sizes.max(initial=0), *like.shape[1:]), dtype=like.dtype)
        for place, batch in enumerate(drawn):
            draws[place, : len(batch)] = batch
        return draws, sizes

    def accumulate(self, looks: int, stride: int, lags: tuple[int, ...]) -> ChainSums:
        """Advance, and add up what is seen at ``looks`` times."""
        return accumulate(self, looks, stride, lags, companion=self._companion is not None)

    def state(self) -> np.ndarray:
        """Return a copy of the offsets (d, replicas), float64."""
        return self._state.astype(float)

    def velocity(self) -> np.ndarray:
        """Return a copy of the velocities (d, replicas), float64; zeros without momentum."""
        held = self._knobs["momentum"] != 0  # without it what stands there is the last gradient
        return self._velocity.astype(float) if held else np.zeros(self._velocity.shape)

    def companion(self) -> np.ndarray:
        """Return a copy of the control variate's offsets (d, replicas), float64."""
        if self._companion is None:
            raise TypeError("this block carries no companion")
        return self._companion[0].astype(float)

    def place(self, offsets: np.ndarray) -> None:
        """Put the replicas at offsets (d, replicas)."""
        self._state = np.array(offsets, dtype=self._state.dtype, order="C")

    def save(self) -> Any:
        """Return states, velocities, and where the draws stand."""
        # A step makes new arrays, so the present ones stay as they are.
        order = self._indices.save() if self._indices else None
        states = self._state, self._velocity, self._past, self._companion, self._companion_past
        return states, self._rng.bit_generator.state, order

    def restore(self, saved: Any) -> None:
        """Come back to a saved moment."""
        states, self._rng.bit_generator.state, order = saved
        self._state, self._velocity, self._past, self._companion, self._companion_past = states
        if self._indices:
            self._indices.restore(order)

    def _step(self, drawn: np.ndarray) -> None:
        seen, self._past = _delayed(self._past, self._state)
        gradient = self._gradient(seen, drawn)
        self._state, self._velocity = update(self._state, self._velocity, gradient, **self._knobs)
        if self._companion is not None:
            state, velocity = self._companion
            seen, self._companion_past = _delayed(self._companion_past, state)
            gradient = self._companion_gradient(seen, drawn)
            self._companion = update(state, velocity, gradient, **self._knobs)


def _delayed(past: Past, state: np.ndarray) -> tuple[np.ndarray, Past]:
    """Return the state at which the gradient is taken, the oldest of the past, and the past of the next step."""
    return (past[0], (*past[1:], state)) if past else (state, past)


def _columns(start: np.ndarray, d: int, replicas: int, precision: str) -> np.ndarray:
    start = np.asarray(start, dtype=float)
    columns = np.broadcast_to(start[:, None] if start.ndim == 1 else start, (d, replicas))
    return np.array(columns, dtype=precision, order="C")


def _index_sampler(model: Model, optimizer: SGD, rng: np.random.Generator, replicas: int) -> IndexSampler | None:
    if step_normals(model, optimizer.batch_size):
        return None
    size = model.dataset_size if isinstance(model, SampledModel) else dataset_size(model)
    return None if size is None else IndexSampler(rng, size, optimizer.batch_size, optimizer.sampling)


def _source(
    model: Model, batch_size: int, indices: IndexSampler | None, rng: np.random.Generator, replicas: int
) -> Callable[[], np.ndarray]:
    """Return what draws for one step."""
    if indices is not None:
        return lambda: indices(replicas)
    if isinstance(model, SampledModel):
        return lambda: model.draw(rng, replicas)
    shape = (*step_normals(model, batch_size), replicas)  # type: ignore[misc]
    return lambda: rng.standard_normal(shape)


@singledispatch
def batch_gradient(model: Model, precision: str) -> BatchGradient:
    """Return the mini-batch gradient about the minimum, by the process's own function."""
    raise TypeError(f"NumPy runs no {type(model).__name__}")


@batch_gradient.register
def _(model: GaussianModel, precision: str) -> BatchGradient:
    hessian, root = model.hessian.astype(precision), model.root.astype(precision)

    def gradient(state: np.ndarray, normals: np.ndarray) -> np.ndarray:
        noise = root @ normals.astype(precision, copy=False)
        return additive_noise.gradient(state, noise, curvature=hessian, minimum=0)

    return gradient


@batch_gradient.register
def _(model: GaussianFeaturesModel, precision: str) -> BatchGradient:
    root, deviation = model.root.astype(precision), float(model.noise_deviation)

    def gradient(state: np.ndarray, batch: np.ndarray) -> np.ndarray:
        batch = batch.astype(precision, copy=False)
        pairs = [(root @ normals[:-1], deviation * normals[-1]) for normals in batch]
        return least_squares.gradient(state, pairs, ridge=0)

    return gradient


@batch_gradient.register
def _(model: SharedCurvatureModel, precision: str) -> BatchGradient:
    hessian, gradients = model.hessian.astype(precision), _samples_last(model.gradients, precision)

    def gradient(state: np.ndarray, batch: np.ndarray) -> np.ndarray:
        noise = sum(gradients[:, picked] for picked in batch) / len(batch)
        return additive_noise.gradient(state, noise, curvature=hessian, minimum=0)

    return gradient


@batch_gradient.register
def _(model: RankOneModel, precision: str) -> BatchGradient:
    features, targets = _samples_last(model.features, precision), -model.residuals.astype(precision)
    ridge, drift = float(model.ridge), model.drift.astype(precision)[:, None]

    def gradient(state: np.ndarray, batch: np.ndarray) -> np.ndarray:
        pairs = [(features[:, picked], targets[picked]) for picked in batch]
        return least_squares.gradient(state, pairs, ridge=ridge) + drift

    return gradient


@batch_gradient.register
def _(model: MatrixModel, precision: str) -> BatchGradient:
    curvatures, slopes = _samples_last(model.curvatures, precision), -_samples_last(model.gradients, precision)

    def gradient(state: np.ndarray, batch: np.ndarray) -> np.ndarray:
        return quadratic_sums.gradient(state, [(curvatures[:, :, picked], slopes[:, picked]) for picked in batch])

    return gradient


@batch_gradient.register
def _(model: SampledModel, precision: str) -> BatchGradient:
    minimum = model.minimum[:, None]

    def gradient(state: np.ndarray, batch: Any) -> np.ndarray:
        return model.gradient(state + minimum, batch).astype(precision, copy=False)

    return gradient


def _samples_last(samples: np.ndarray, precision: str) -> np.ndarray:
    return np.ascontiguousarray(np.moveaxis(samples, 0, -1), dtype=precision)
