"""Blocks of replicas in JAX, on whatever devices it sees; more than one share the replicas."""

from __future__ import annotations

import math
from functools import singledispatch
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from sgdtheory.errors import PrecisionError, ShapeError, check_choice
from sgdtheory.numeric.engine.block import ChainSums, check_companion
from sgdtheory.numeric.engine.jax_backend import runs as jax_runs
from sgdtheory.numeric.engine.jax_backend.groups import Groups
from sgdtheory.numeric.engine.jax_backend.step import Parts, Replicas, StepPlan
from sgdtheory.numeric.engine.model import (
    GaussianFeaturesModel,
    GaussianModel,
    MatrixModel,
    Model,
    RankOneModel,
    SharedCurvatureModel,
    dataset_size,
    step_normals,
)
from sgdtheory.optimizers import SGD

ROOM = 64  # steps of given or returned draws that are on the devices at a time
ROOM_BYTES = 2**27
LOOKS = 128  # looks that are added up in the precision of the run; their sums are added up in float64

Arrays = dict[str, Any]


class JaxBlock:
    """Replicas that advance together in compiled JAX; see ``Block`` for the parameters.

    Raises
    ------
    PrecisionError
        If float64 is asked for while JAX's double precision is off, here or in a later call.
    TypeError
        For a SampledModel, whose gradients only NumPy can draw.
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
        check_choice("precision", precision, ("float64", "float32"))
        self._dtype = np.dtype(precision)
        self._check_precision()
        check_companion(model, companion)
        kind, arrays = parts_of(model)
        batch_size = int(optimizer.batch_size)
        self._normals = step_normals(model, batch_size)
        self._plan = StepPlan(
            kind=kind,
            sampling="replacement" if self._normals else optimizer.sampling,
            batch_size=math.prod(self._normals) if self._normals else batch_size,
            dataset_size=0 if self._normals else dataset_size(model),  # type: ignore[arg-type]
            momentum=float(optimizer.momentum) != 0,
            nesterov=bool(optimizer.nesterov),
            companion=companion,
        )
        if companion:
            arrays["hessian"] = model.hessian
        arrays |= {"learning_rate": optimizer.learning_rate, "momentum": optimizer.momentum}
        self._parts: Parts = {name: jnp.asarray(array, self._dtype) for name, array in arrays.items()}
        self._key = tuple(jnp.asarray(word) for word in seed.generate_state(2, np.uint32))
        self._shape, self._step = (model.dimension, replicas), 0
        row = model.dimension ** (2 if kind == "matrix" else 1) * self._dtype.itemsize
        if kind == "gaussian_features":
            row = self._plan.batch_size * self._dtype.itemsize
        self._groups = Groups(replicas, row, self._plan.dataset_size * self._plan.shuffles)
        self._replicas = self._begin(np.asarray(start, dtype=float), optimizer.delay)

    def _begin(self, start: np.ndarray, delay: int) -> Replicas:
        columns = np.broadcast_to(start[:, None] if start.ndim == 1 else start, self._shape)
        rows = self._rows(columns)
        plan, zeros, order = self._plan, np.zeros_like(rows), None
        past, companion_past = (np.repeat(kept[:, None], delay, axis=1) for kept in (rows, zeros))
        if plan.shuffles:
            groups, width = self._groups.shape
            order = np.broadcast_to(np.arange(plan.dataset_size, dtype=np.int32)[:, None], (plan.dataset_size, width))
            order = np.broadcast_to(order, (groups, *order.shape))
        made = Replicas(
            state=rows,
            velocity=zeros if plan.momentum else None,
            companion=zeros if plan.companion else None,
            companion_velocity=zeros if plan.companion and plan.momentum else None,
            order=order,
            past=past if delay else None,
            companion_past=companion_past if delay and plan.companion else None,
            oldest=np.zeros(len(rows), np.int32) if delay else None,
        )
        return jax.tree.map(self._groups.placed, made)

    def advance(self, steps: int) -> None:
        """Take steps with draws of its own."""
        self._check_precision()
        self._replicas = jax_runs.advance(
            self._plan,
            self._groups.mesh,
            self._parts,
            self._key,
            self._replicas,
            self._groups.numbers,
            *_counts(self._step, steps),
        )
        self._step += steps

    def follow(self, draws: np.ndarray, sizes: np.ndarray | None = None) -> None:
        """Take one step for each of the given draws.

        Raises
        ------
        ShapeError
            If the draws are not (steps, batch_size, replicas).
        IndexError
            If an index that counts is not one of a sample.
        """
        self._check_precision()
        draws = self._checked(draws, sizes)
        sizes = np.full(len(draws), draws.shape[1]) if sizes is None else np.asarray(sizes)
        room = self._room()
        for first in range(0, len(draws), room):
            some, counts = draws[first : first + room], sizes[first : first + room]
            padding = room - len(some)
            some = np.pad(some, [(0, padding), (0, 0), (0, 0)])
            self._replicas = jax_runs.follow(
                self._plan,
                self._groups.mesh,
                self._parts,
                self._replicas,
                self._groups.placed(self._groups.grouped(some)),
                np.pad(counts, (0, padding)).astype(np.int32),
                np.int32(len(counts)),
            )

    def draw(self, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Return the draws and sizes that the next ``advance(steps)`` would have used, and use them up."""
        self._check_precision()
        room, drawn, counted = self._room(), [], []
        for done in range(0, steps, room):
            count = min(room, steps - done)
            noise, sizes, order = jax_runs.draws(
                self._plan,
                self._groups.mesh,
                room,
                self._parts,
                self._key,
                self._replicas,
                self._groups.numbers,
                *_counts(self._step, count),
            )
            self._replicas = self._replicas._replace(order=order)
            self._step += count
            drawn.append(self._groups.columns(noise)[:count])
            counted.append(np.asarray(sizes)[0, :count])
        if not drawn:
            drawn, counted = [np.zeros((0, self._plan.batch_size, self._shape[1]))], [np.zeros(0)]
        draws, sizes = np.concatenate(drawn), np.concatenate(counted).astype(np.int64)
        if self._normals:
            return draws.reshape(steps, *self._normals, self._shape[1]), np.full(steps, self._normals[0])
        return draws, sizes

    def accumulate(self, looks: int, stride: int, lags: tuple[int, ...]) -> ChainSums:
        """Advance, and add up what is seen at ``looks`` times."""
        self._check_precision()
        stops = [0, *lags, max(stride, *lags, 1)]
        gaps = np.diff(stops).astype(np.uint32)
        d, replicas = self._shape
        shapes = ((d, replicas), (d, d, replicas), (len(lags), d, d, replicas))
        totals = [[np.zeros(shape) for shape in shapes] for _ in range(1 + self._plan.companion)]
        for done in range(0, looks, LOOKS):
            first, count = _counts(self._step, min(LOOKS, looks - done))
            self._replicas, sums = jax_runs.accumulate(
                self._plan,
                self._groups.mesh,
                self._parts,
                self._key,
                self._replicas,
                self._groups.numbers,
                first,
                count,
                gaps,
            )
            self._step += int(count) * stops[-1]
            for kept, added in zip(totals, sums, strict=True):
                for total, rows, axis in zip(kept, added, (1, 1, 2), strict=True):
                    total += self._groups.columns(rows, axis)
        names = ("companion_first", "companion_second", "companion_lagged")
        beside = dict(zip(names, totals[1], strict=True)) if self._plan.companion else {}
        return ChainSums(looks, *totals[0], **beside)

    def state(self) -> np.ndarray:
        """Return a copy of the offsets (d, replicas), float64."""
        return self._seen(self._replicas.state)

    def velocity(self) -> np.ndarray:
        """Return a copy of the velocities (d, replicas), float64; zeros without momentum."""
        held = self._replicas.velocity
        return np.zeros(self._shape) if held is None else self._seen(held)

    def companion(self) -> np.ndarray:
        """Return a copy of the control variate's offsets (d, replicas), float64."""
        if self._replicas.companion is None:
            raise TypeError("this block carries no companion")
        return self._seen(self._replicas.companion)

    def place(self, offsets: np.ndarray) -> None:
        """Put the replicas at offsets (d, replicas)."""
        self._replicas = self._replicas._replace(state=self._groups.placed(self._rows(offsets)))

    def save(self) -> Any:
        """Return states, velocities, and where the draws stand."""
        return self._replicas, self._step

    def restore(self, saved: Any) -> None:
        """Come back to a saved moment."""
        self._replicas, self._step = saved

    def _rows(self, columns: np.ndarray) -> np.ndarray:
        return np.swapaxes(self._groups.grouped(np.asarray(columns).astype(self._dtype)), 1, 2)

    def _seen(self, rows: jax.Array) -> np.ndarray:
        return self._groups.columns(rows, 1).astype(float)

    def _room(self) -> int:
        """Return how many steps of draws are on the devices at a time."""
        item = self._dtype.itemsize if self._normals else 4
        return max(1, min(ROOM, ROOM_BYTES // (self._plan.batch_size * self._groups.numbers.size * item)))

    def _checked(self, draws: np.ndarray, sizes: np.ndarray | None) -> np.ndarray:
        draws, places, replicas = np.asarray(draws), self._normals or (self._plan.batch_size,), self._shape[1]
        wrong = draws.ndim != 2 + len(places) or draws.shape[-1] != replicas
        if self._normals:
            wrong = draws.shape[1:] != (*places, replicas)
        if wrong or (sizes is None and draws.shape[1] > places[0]):
            raise ShapeError(
                "the draws to follow have the wrong shape",
                got=draws.shape,
                allowed=f"(steps, {', '.join(map(str, places))}, {replicas})",
                mend="hand in one draw for each step, each place of a batch and each replica",
            )
        if self._normals:
            return draws.astype(self._dtype).reshape(len(draws), -1, replicas)
        if sizes is not None:
            draws = np.where(np.arange(draws.shape[1])[None, :, None] < np.asarray(sizes)[:, None, None], draws, 0)
        if draws.size and not (draws.min() >= 0 and draws.max() < self._plan.dataset_size):
            raise IndexError(f"an index lies outside 0 ... {self._plan.dataset_size - 1}")
        return draws.astype(np.int32)

    def _check_precision(self) -> None:
        if self._dtype == np.float64 and jax.dtypes.canonicalize_dtype(float) != np.float64:
            raise PrecisionError(
                "JAX's double precision is off",
                got="precision='float64'",
                allowed="float64 with double precision on, float32 always",
                mend='call jax.config.update("jax_enable_x64", True) before, or ask for precision="float32"',
            )


def _counts(first: int, count: int) -> tuple[np.uint32, np.uint32]:
    return np.uint32(first), np.uint32(count)


@singledispatch
def parts_of(model: Model) -> tuple[str, Arrays]:
    """Return the kind of a model and the arrays that a step needs."""
    raise TypeError(f"JAX runs no {type(model).__name__}")


@parts_of.register
def _(model: GaussianModel) -> tuple[str, Arrays]:
    return "gaussian", {"hessian": model.hessian, "root": model.root}


@parts_of.register
def _(model: GaussianFeaturesModel) -> tuple[str, Arrays]:
    return "gaussian_features", {"root": model.root, "noise_deviation": model.noise_deviation}


@parts_of.register
def _(model: SharedCurvatureModel) -> tuple[str, Arrays]:
    return "shared_curvature", {"hessian": model.hessian, "gradients": model.gradients}


@parts_of.register
def _(model: RankOneModel) -> tuple[str, Arrays]:
    names = ("features", "residuals", "ridge", "drift")
    return "rank_one", {name: getattr(model, name) for name in names}


@parts_of.register
def _(model: MatrixModel) -> tuple[str, Arrays]:
    return "matrix", {"curvatures": model.curvatures, "gradients": model.gradients}
