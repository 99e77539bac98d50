"""Blocks of replicas that compiled kernels advance: the ``Block`` of backend ``"numba"``."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from sgdtheory.numeric.engine.block import ChainSums, check_companion
from sgdtheory.numeric.engine.model import Model, dataset_size, step_normals
from sgdtheory.numeric.engine.numba_backend.indices import index_draws
from sgdtheory.numeric.engine.numba_backend.kernels import DRAW, DRAW_AND_STEP, STEP, run
from sgdtheory.numeric.engine.numba_backend.layout import layout_of
from sgdtheory.numeric.engine.numba_backend.memory import DelayedKnobs, Knobs
from sgdtheory.numeric.engine.numba_backend.normals import normal_draws
from sgdtheory.numeric.engine.numba_backend.random import LANES
from sgdtheory.optimizers import SGD

PRECISIONS = {"float64": np.float64, "float32": np.float32}
NO_LAGS = np.zeros(0, np.int64)


class NumbaBlock:
    """Replicas that compiled kernels advance on one core, the interpreter's lock released; see ``Block``.

    Memory is that of the states, and for ``sampling="reshuffle"`` each replica's order of the samples: 2 bytes a sample
    up to 65,536 of them, else 4.

    Raises
    ------
    TypeError
        For a model that only NumPy can draw from.
    """

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
        dtype = PRECISIONS[precision]
        self._layout = layout_of(model, companion)
        self._replicas, self._groups, self._place = replicas, -(-replicas // LANES), 0
        knobs = Knobs(
            model.dimension,
            float(optimizer.momentum),
            bool(optimizer.nesterov),
            bool(optimizer.momentum),
            companion,
        )
        self._knobs = DelayedKnobs(*knobs, optimizer.delay) if optimizer.delay else knobs
        self._normals = step_normals(model, int(optimizer.batch_size))
        if self._normals:
            self._draws = normal_draws(seed, replicas, math.prod(self._normals), dtype)
        else:
            self._draws = index_draws(
                seed, replicas, dataset_size(model), int(optimizer.batch_size), optimizer.sampling
            )
        offsets = np.asarray(start, float).reshape(model.dimension, -1)
        points = self._layout.numbers(np.broadcast_to(offsets, (model.dimension, replicas)))
        companions = self._layout.numbers(np.zeros((model.dimension, replicas)))
        parts = [points, companions] if companion else [points]
        if self._knobs.heavy:
            parts = [part for start_of in parts for part in (start_of, np.zeros_like(start_of))]
        self._newest = len(parts) * optimizer.delay
        self._state = np.stack([part.ravel() for part in parts] * (1 + optimizer.delay)).astype(dtype)
        self._table = self._layout.table.astype(dtype)
        self._vectors = self._layout.vectors(float(optimizer.learning_rate)).astype(dtype).ravel()
        self._scratch = np.zeros(2 * self._layout.height * self._layout.together, dtype)

    def advance(self, steps: int) -> None:
        """Take steps with draws of its own."""
        self._place = self._run(self._draws, (0, self._groups), steps, DRAW_AND_STEP)

    def follow(self, draws: np.ndarray, sizes: np.ndarray | None = None) -> None:
        """Take one step for each of the given draws."""
        draws = np.asarray(draws)
        wanted = self._normals or draws.shape[1:2]
        if draws.ndim != 2 + len(wanted) or draws.shape[1:] != (*wanted, self._replicas):
            raise ValueError(f"draws have shape {draws.shape}, not (steps, ..., {self._replicas})")
        draws = draws.reshape(len(draws), math.prod(wanted), self._replicas)
        if not self._normals and draws.size and not 0 <= draws.min() <= draws.max() < self._draws.dataset_size:
            raise IndexError(f"indices lie outside 0 to {self._draws.dataset_size - 1}")
        for group in range(self._groups):
            some = draws[..., group * LANES : (group + 1) * LANES]
            given = np.zeros((*draws.shape[:2], LANES), self._buffer.dtype)
            given[..., : some.shape[-1]] = some
            self._run(self._with_buffer(given, sizes), (group, group + 1), len(draws), STEP)

    def draw(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the draws and sizes that the next ``advance(steps)`` would have used, and use them up."""
        shape, place, drawn = (steps, *self._buffer.shape[1:]), self._place, []
        for group in range(self._groups):
            source = self._with_buffer(np.zeros(shape, self._buffer.dtype), None)
            place = self._run(source, (group, group + 1), steps, DRAW)
            drawn.append(source[1])
        self._place = place
        joined = np.concatenate(drawn, axis=-1)[..., : self._replicas]
        if self._normals:
            return joined.reshape(steps, *self._normals, self._replicas).astype(float), np.full(steps, self._normals[0])
        return joined.astype(np.int64), source.sizes

    def accumulate(self, looks: int, stride: int, lags: tuple[int, ...]) -> ChainSums:
        """Advance, and add up what is seen at ``looks`` times."""
        parts, size, d = 2 if self._knobs.coupled else 1, self._state[0].size, self._knobs.dimension
        sums = np.zeros((parts, 1 + (1 + len(lags)) * d, size))
        self._place = self._run(
            self._draws,
            (0, self._groups),
            0,
            DRAW_AND_STEP,
            looks=looks,
            stride=stride,
            lags=np.asarray(lags, np.int64),
            sums=sums,
            earlier=np.zeros(2 * size // self._groups, self._state.dtype),
        )
        seen = [self._seen(part.ravel(), size, len(lags)) for part in sums]
        return ChainSums(looks, *seen[0], *(seen[1] if self._knobs.coupled else (None, None, None)))

    def state(self) -> np.ndarray:
        """Return a copy of the offsets (d, replicas), float64."""
        return self._layout.offsets(self._state[self._newest], self._replicas)

    def velocity(self) -> np.ndarray:
        """Return a copy of the velocities (d, replicas), float64; zeros without momentum."""
        if not self._knobs.heavy:
            return np.zeros((self._knobs.dimension, self._replicas))
        return self._layout.offsets(self._state[1], self._replicas)

    def companion(self) -> np.ndarray:
        """Return a copy of the control variate's offsets (d, replicas), float64."""
        place = self._newest + (2 if self._knobs.heavy else 1)
        return self._layout.offsets(self._state[place], self._replicas)

    def place(self, offsets: np.ndarray) -> None:
        """Put the replicas at offsets (d, replicas)."""
        self._state[self._newest] = self._layout.numbers(np.asarray(offsets, float)).ravel()

    def save(self) -> Any:
        """Return everything that ``restore`` needs to come back to now."""
        return self._place, [array.copy() for array in self._lasting()]

    def restore(self, saved: Any) -> None:
        """Come back to a saved moment."""
        self._place, kept = saved
        for array, old in zip(self._lasting(), kept, strict=True):
            array[...] = old

    def _lasting(self) -> list[np.ndarray]:
        draws = self._draws
        return [self._state, draws.words, draws.spares if self._normals else draws.orders]

    @property
    def _buffer(self) -> np.ndarray:
        return self._draws[1]

    def _with_buffer(self, buffer: np.ndarray, sizes: np.ndarray | None) -> Any:
        steps, batch_size = buffer.shape[:2]
        if self._normals:
            return self._draws._replace(normals=buffer, chunk=steps)
        given = np.full(steps, batch_size) if sizes is None else np.array(sizes, np.int64)
        return self._draws._replace(batch=buffer, sizes=given, chunk=steps, batch_size=batch_size)

    def _run(
        self,
        draws: Any,
        groups: tuple[int, int],
        steps: int,
        mode: int,
        *,
        looks: int = 0,
        stride: int = 1,
        lags: np.ndarray = NO_LAGS,
        sums: np.ndarray | None = None,
        earlier: np.ndarray | None = None,
    ) -> int:
        sums = np.zeros(0) if sums is None else sums.ravel()
        earlier = np.zeros(0, self._state.dtype) if earlier is None else earlier
        flat = (self._table, self._vectors, self._state.ravel(), self._scratch, sums, earlier)
        return run(
            self._layout.shape,
            self._knobs,
            flat,
            draws,
            groups,
            self._replicas,
            self._place,
            steps,
            looks,
            stride,
            lags,
            mode,
        )

    def _seen(self, sums: np.ndarray, size: int, lags: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        d, replicas = self._knobs.dimension, self._replicas
        first, products = sums[:size], sums[size:].reshape(1 + lags, d * size)
        second = self._layout.products(products[0], replicas)
        lagged = np.empty((lags, d, d, replicas))
        for number in range(lags):
            lagged[number] = self._layout.products(products[1 + number], replicas)
        return self._layout.offsets(first, replicas), second, lagged
