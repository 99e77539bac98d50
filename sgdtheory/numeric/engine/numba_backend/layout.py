"""Models as tables for the kernels, and how replicas lie in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import numpy as np

from sgdtheory.numeric.engine.model import (
    FiniteModel,
    GaussianFeaturesModel,
    GaussianModel,
    MatrixModel,
    Model,
    RankOneModel,
    SharedCurvatureModel,
)
from sgdtheory.numeric.engine.numba_backend.gaussian import GaussianColumns
from sgdtheory.numeric.engine.numba_backend.gaussian_features import GaussianFeaturesColumns
from sgdtheory.numeric.engine.numba_backend.random import LANES
from sgdtheory.numeric.engine.numba_backend.rows import (
    MatrixRows,
    RankOneColumns,
    RankOneRows,
    SharedColumns,
    SharedRows,
)
from sgdtheory.numeric.engine.numba_backend.wide import MatrixWide, RankOneWide, SharedWide

SIDE_BY_SIDE = 8  # replicas of a vector in the layout by columns
LARGEST_COLUMNS = 7  # dimensions; beyond, transposed rows no longer fit in registers
LARGEST_ROWS = 31
PIECE = 16  # numbers of a loop over what does not fit in registers: two vectors, whose sums do not wait for each other


@dataclass(frozen=True, eq=False)
class Layout:
    """A model as kernels see it.

    Attributes
    ----------
    shape
        The kernel's type and its sizes.
    table, vectors
        Flat arrays, see ``Memory``; the vectors but for the learning rate's are ``diagonal``, ``drift``,
        ``curvatures``.
    height, together
        States are (units, height, together): ``together`` replicas of ``height`` numbers.
    basis
        (d, d): offsets are ``basis @ state``; None if they are the states themselves.
    constant
        Whether the last of a replica's numbers is one.
    """

    shape: Any
    table: np.ndarray
    diagonal: np.ndarray
    drift: np.ndarray
    curvatures: np.ndarray
    height: int
    together: int
    basis: np.ndarray | None
    constant: bool = False

    def vectors(self, learning_rate: float) -> np.ndarray:
        """Return learning rate, diagonal, drift and curvatures, each for all entries of a unit."""
        rate = np.full_like(self.diagonal, learning_rate)
        rows = np.zeros((4, self.height))
        rows[:, : len(rate)] = rate, self.diagonal, self.drift, self.curvatures
        repeat = 1 if isinstance(self.shape, GaussianColumns | GaussianFeaturesColumns) else self.together
        return np.repeat(rows, repeat, axis=1)

    def numbers(self, offsets: np.ndarray) -> np.ndarray:
        """Return states (units, height, together) with offsets (d, replicas), filled up to whole groups."""
        replicas = offsets.shape[1]
        filled = np.zeros((self.height, -(-replicas // LANES) * LANES))
        filled[: len(offsets), :replicas] = offsets if self.basis is None else self.basis.T @ offsets
        if self.constant:
            filled[-1] = 1.0
        return filled.reshape(self.height, -1, self.together).transpose(1, 0, 2)

    def offsets(self, numbers: np.ndarray, replicas: int) -> np.ndarray:
        """Return offsets (d, replicas), float64, of flat states."""
        states = self.by_replica(numbers, (self.height,), replicas)[: len(self.diagonal)]
        return states if self.basis is None else self.basis @ states

    def products(self, numbers: np.ndarray, replicas: int) -> np.ndarray:
        """Return (d, d, replicas) of flat sums of products."""
        d = len(self.diagonal)
        sums = self.by_replica(numbers, (d, self.height), replicas)[:, :d]
        if self.basis is None:
            return sums
        return np.einsum("ia,jb,abr->ijr", self.basis, self.basis, sums, optimize=True)

    def by_replica(self, numbers: np.ndarray, sizes: tuple[int, ...], replicas: int) -> np.ndarray:
        """Return a new float64 array (*sizes, replicas) of flat numbers (units, *sizes, together)."""
        units = numbers.reshape(-1, *sizes, self.together)
        axes = (*range(1, units.ndim - 1), 0, units.ndim - 1)
        found = np.array(units.transpose(axes), dtype=float, order="C").reshape(*sizes, -1)
        return found if found.shape[-1] == replicas else found[..., :replicas].copy()


@singledispatch
def layout_of(model: Model, companion: bool) -> Layout:
    """Return the layout of a model, in the Hessian's eigenbasis where that makes steps cheaper."""
    raise TypeError(f"no compiled kernel for {type(model).__name__}; take backend='numpy'")


@layout_of.register
def _(model: GaussianModel, companion: bool) -> Layout:
    curvatures, basis = np.linalg.eigh(model.hessian)
    root = basis.T @ model.root
    single = _single_entries(root)
    if single is None:
        shape, table = GaussianColumns(root.shape[1], False), root.ravel()
    else:
        shape, table = GaussianColumns(root.shape[1], True), np.concatenate(single)
    zeros = np.zeros_like(curvatures)
    return Layout(shape, table, curvatures, zeros, curvatures, len(curvatures), LANES, basis)


@layout_of.register
def _(model: GaussianFeaturesModel, companion: bool) -> Layout:
    basis: np.ndarray | None = np.linalg.eigh(model.hessian)[1]
    single = _single_entries(basis.T @ model.root)  # type: ignore[union-attr]
    if single is None:
        basis, table = None, model.root.ravel()
    else:
        table = np.concatenate(single)
    shape = GaussianFeaturesColumns(model.root.shape[1], single is not None, float(model.noise_deviation))
    zeros = np.zeros(model.dimension)
    return Layout(shape, table, zeros, zeros, zeros, model.dimension, LANES, basis)


def _single_entries(root: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the only entry of each row and its column, or None if a row has several beyond rounding."""
    if not root.size:
        return None
    rows, columns = np.arange(len(root)), np.abs(root).argmax(axis=1)
    rest = np.abs(root)
    rest[rows, columns] = 0
    rounding = len(root) * np.finfo(float).eps * np.abs(root).max()
    return (root[rows, columns], columns.astype(float)) if rest.max() <= rounding else None


@layout_of.register
def _(model: SharedCurvatureModel, companion: bool) -> Layout:
    curvatures, basis = np.linalg.eigh(model.hessian)
    gradients, zeros = model.gradients @ basis, np.zeros_like(curvatures)
    d = len(curvatures)
    if d <= LARGEST_COLUMNS:
        height = width = _power_of_two(d)
        shape, together = _columns(SharedColumns, width, height), SIDE_BY_SIDE
    else:
        shape, height = _by_rows(SharedRows, SharedWide, d)
        width, together = height, 1
    table = _table(gradients, width)
    return Layout(shape, table, curvatures, zeros, curvatures, height, together, basis)


@layout_of.register
def _(model: RankOneModel, companion: bool) -> Layout:
    curvatures, basis = _eigenbasis(model, companion)
    features, drift = model.features, model.drift
    if basis is not None:
        features, drift = features @ basis, basis.T @ drift
    d = len(drift)
    ridge = np.full(d, float(model.ridge))
    if d <= LARGEST_COLUMNS:
        height, width = _power_of_two(d), _power_of_two(d + 1)
        table = _table(features, width, min(height, width - 1), model.residuals)
        shape = _columns(RankOneColumns, width, height)
        return Layout(shape, table, ridge, drift, curvatures, height, SIDE_BY_SIDE, basis)
    shape, height = _by_rows(RankOneRows, RankOneWide, d + 1)
    table = _table(features, height, height - 1, model.residuals)
    return Layout(shape, table, ridge, drift, curvatures, height, 1, basis, constant=True)


@layout_of.register
def _(model: MatrixModel, companion: bool) -> Layout:
    curvatures, basis = _eigenbasis(model, companion)
    matrices, gradients = model.curvatures, model.gradients
    if basis is not None:
        matrices, gradients = basis.T @ matrices @ basis, gradients @ basis
    d = len(curvatures)
    shape, height = _by_rows(MatrixRows, MatrixWide, d)
    packed = np.concatenate([matrices, gradients[:, None]], axis=1).ravel()
    table = np.concatenate([packed, np.zeros(height)])  # loads reach beyond the last sample's gradient
    zeros = np.zeros(d)
    return Layout(shape, table, zeros, zeros, curvatures, height, 1, basis)


def _eigenbasis(model: FiniteModel, companion: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Return curvatures and eigenbasis; only a companion needs them, and without it states need not be rotated."""
    return np.linalg.eigh(model.hessian) if companion else (np.zeros(model.dimension), None)


def _power_of_two(least: int) -> int:
    return 1 << (least - 1).bit_length()


def _columns(kind: Callable[..., Any], width: int, height: int) -> Any:
    sizes = (height * SIDE_BY_SIDE, width, height, SIDE_BY_SIDE)
    return kind(*((0,) * size for size in sizes))


def _by_rows(narrow: Callable[..., Any], wide: Callable[..., Any], least: int) -> tuple[Any, int]:
    if least <= LARGEST_ROWS + 1:
        width = _power_of_two(least)
        return narrow((0,) * width), width
    width = -(-least // PIECE) * PIECE
    return wide(width, (0,) * PIECE), width


def _table(rows: np.ndarray, width: int, place: int = 0, last: np.ndarray | None = None) -> np.ndarray:
    table = np.zeros((len(rows), width))
    table[:, : rows.shape[1]] = rows
    if last is not None:
        table[:, place] = last
    return table.ravel()
