"""Steps of finite models whose points fit in registers, a replica or some replicas at a time."""

from __future__ import annotations

from typing import NamedTuple

from numba.extending import overload

from sgdtheory.numeric.engine.numba_backend.memory import move
from sgdtheory.numeric.engine.numba_backend.random import LANES
from sgdtheory.numeric.engine.numba_backend.vectors import (
    entry,
    extended,
    fold,
    gather,
    last,
    load,
    store,
    tile,
    total,
    zeros_like,
)

Shape = tuple[int, ...]  # of zeros; only its length counts, which the compiler knows


class RankOneColumns(NamedTuple):
    """Replicas side by side. The table's rows are [feature, zeros, residual, zeros], the residual in the column after
    ``columns`` or, if that is none, in the last; points have zeros beyond d.
    """

    width: Shape
    row: Shape
    columns: Shape
    lanes: Shape


class SharedColumns(NamedTuple):
    """Replicas side by side. The table's rows are gradients at the minimum."""

    width: Shape
    row: Shape
    columns: Shape
    lanes: Shape


class RankOneRows(NamedTuple):
    """One replica at a time. The table's rows are [feature, zeros, residual] and points [offset, zeros, 1]."""

    width: Shape


class SharedRows(NamedTuple):
    """One replica at a time. The table's rows are gradients at the minimum."""

    width: Shape


class MatrixRows(NamedTuple):
    """One replica at a time. The table holds for each sample its curvature, then its gradient, without gaps.

    What a load takes from beyond a row moves nothing, as the learning rate is zero there.
    """

    width: Shape


COLUMNS = (RankOneColumns, SharedColumns)


def sample(model, memory, knobs, batch, place, point, at):
    """Return the gradient, and the gradient at the minimum, of the sample whose number stands at a place."""
    raise NotImplementedError("compiled code only")


@overload(sample)
def _sample(model, memory, knobs, batch, place, point, at):
    return {
        RankOneColumns: _rank_one_columns,
        SharedColumns: _shared_columns,
        RankOneRows: _rank_one,
        SharedRows: _shared,
        MatrixRows: _matrix,
    }[model.instance_class]


def _rank_one_columns(model, memory, knobs, batch, place, point, at):
    features, residuals = gather(memory.table, batch, place, model.row, model.columns, model.lanes)
    slopes = fold(features * point, model.lanes) + residuals
    return tile(slopes, features) * features, tile(residuals, features) * features


def _shared_columns(model, memory, knobs, batch, place, point, at):
    gradients, _ = gather(memory.table, batch, place, model.row, model.columns, model.lanes)
    return gradients, gradients


def _rank_one(model, memory, knobs, batch, place, point, at):
    row = load(memory.table, entry(batch, place) * len(model.width), model.width)
    return total(row * point) * row, last(row) * row


def _shared(model, memory, knobs, batch, place, point, at):
    row = load(memory.table, entry(batch, place) * len(model.width), model.width)
    return row, row


def _matrix(model, memory, knobs, batch, place, point, at):
    d = knobs.dimension
    start = entry(batch, place) * d * (d + 1)
    at_minimum = load(memory.table, start + d * d, model.width)
    gradient = at_minimum
    for column in range(d):
        gradient = gradient + entry(memory.state, at + column) * load(memory.table, start + column * d, model.width)
    return gradient, at_minimum


def together(model):
    """Return how many replicas a unit has."""
    raise NotImplementedError("compiled code only")


@overload(together)
def _together(model):
    if model.instance_class in COLUMNS:
        return lambda model: len(model.lanes)
    return lambda model: 1


def step_rows(model, memory, knobs, draws, group, lanes, steps):
    """Take the steps that are drawn, with the first lanes of a group."""
    width, size = len(model.width), memory.size
    rate, diagonal = load(memory.vectors, 0, model.width), load(memory.vectors, width, model.width)
    drift, curvatures = load(memory.vectors, 2 * width, model.width), load(memory.vectors, 3 * width, model.width)
    twin = (2 if knobs.heavy else 1) * size
    for step in range(steps):
        members = entry(draws.sizes, step)
        weight = 1 / members
        for lane in range(0, lanes, together(model)):
            at = (group * LANES + lane) // together(model) * width
            point = load(memory.state, at, model.width)
            summed, noise = zeros_like(point), zeros_like(point)
            for member in range(members):
                place = (step * draws.batch_size + member) * LANES + lane
                of_sample, at_minimum = sample(model, memory, knobs, draws.batch, place, point, at)
                summed = summed + of_sample
                if knobs.coupled:
                    noise = noise + at_minimum
            gradient = summed * weight + diagonal * point + drift
            move(point, gradient, rate, memory.state, at, at + size, knobs)
            if knobs.coupled:
                companion = load(memory.state, at + twin, model.width)
                gradient = noise * weight + curvatures * companion + drift
                move(companion, gradient, rate, memory.state, at + twin, at + twin + size, knobs)


def spread(model, state, at, component, like):
    """Return a vector whose entries are their replica's component."""
    raise NotImplementedError("compiled code only")


@overload(spread)
def _spread(model, state, at, component, like):
    if model.instance_class in COLUMNS:
        return lambda model, state, at, component, like: tile(
            load(state, at + component * len(model.lanes), model.lanes), like
        )
    return lambda model, state, at, component, like: entry(state, at + component) + zeros_like(like)


def add_rows(model, knobs, state, at, earlier, earlier_at, sums, sums_at, group, lanes):
    """Add to ``sums`` the products of the states at ``at`` with earlier ones, for the first lanes of a group.

    With as many products as states, sums are (units, dimension, width).
    """
    width = len(model.width)
    for lane in range(0, lanes, together(model)):
        unit = (group * LANES + lane) // together(model)
        here, there = at + unit * width, earlier_at + unit * width
        right = extended(load(earlier, there, model.width))
        for component in range(knobs.dimension):
            target = sums_at + (unit * knobs.dimension + component) * width
            left = extended(spread(model, state, here, component, load(earlier, there, model.width)))
            store(sums, target, load(sums, target, right) + left * right)
