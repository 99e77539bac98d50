"""Steps of finite models whose points do not fit in registers: loops over pieces, one replica at a time."""

from __future__ import annotations

from typing import NamedTuple

from numba.extending import overload

from sgdtheory.numeric.engine.numba_backend.memory import move
from sgdtheory.numeric.engine.numba_backend.random import LANES
from sgdtheory.numeric.engine.numba_backend.vectors import entry, extended, load, store, total, zeros_like


class RankOneWide(NamedTuple):
    """The table's rows are [feature, zeros, residual] and points [offset, zeros, 1], of ``width`` entries."""

    width: int
    piece: tuple[int, ...]


class SharedWide(NamedTuple):
    """The table's rows are gradients at the minimum, of ``width`` entries."""

    width: int
    piece: tuple[int, ...]


class MatrixWide(NamedTuple):
    """The table holds for each sample its curvature, then its gradient, without gaps."""

    width: int
    piece: tuple[int, ...]


def slopes(model, memory, index, at):
    """Return by what a sample's row is to be multiplied for its gradient, and for its gradient at the minimum."""
    raise NotImplementedError("compiled code only")


@overload(slopes)
def _slopes(model, memory, index, at):
    return _slopes_rank_one if model.instance_class is RankOneWide else lambda model, memory, index, at: (1.0, 1.0)


def _slopes_rank_one(model, memory, index, at):
    row, width, piece = index * model.width, model.width, len(model.piece)
    products = load(memory.table, row, model.piece) * load(memory.state, at, model.piece)
    for place in range(piece, width, piece):
        products = products + load(memory.table, row + place, model.piece) * load(memory.state, at + place, model.piece)
    return total(products), entry(memory.table, row + width - 1)


def add_sample(model, memory, knobs, index, at):
    """Add a sample's gradient to the scratch, and behind it its gradient at the minimum."""
    raise NotImplementedError("compiled code only")


@overload(add_sample)
def _add_sample(model, memory, knobs, index, at):
    return _add_matrix if model.instance_class is MatrixWide else _add_row


def _add_row(model, memory, knobs, index, at):
    row, width = index * model.width, model.width
    slope, residual = slopes(model, memory, index, at)
    for place in range(0, width, len(model.piece)):
        numbers = load(memory.table, row + place, model.piece)
        store(memory.scratch, place, load(memory.scratch, place, model.piece) + slope * numbers)
        if knobs.coupled:
            noise = load(memory.scratch, width + place, model.piece) + residual * numbers
            store(memory.scratch, width + place, noise)


def _add_matrix(model, memory, knobs, index, at):
    d, width = knobs.dimension, model.width
    start = index * d * (d + 1)
    for place in range(0, width, len(model.piece)):
        at_minimum = load(memory.table, start + d * d + place, model.piece)
        gradient = load(memory.scratch, place, model.piece) + at_minimum
        for column in range(d):
            curvature = load(memory.table, start + column * d + place, model.piece)
            gradient = gradient + entry(memory.state, at + column) * curvature
        store(memory.scratch, place, gradient)
        if knobs.coupled:
            store(memory.scratch, width + place, load(memory.scratch, width + place, model.piece) + at_minimum)


def in_registers(model):
    """Return of how many samples the gradients need not be stored: of one, if they are multiples of rows."""
    raise NotImplementedError("compiled code only")


@overload(in_registers)
def _in_registers(model):
    return (lambda model: 0) if model.instance_class is MatrixWide else (lambda model: 1)


def step_wide(model, memory, knobs, draws, group, lanes, steps):
    """Take the steps that are drawn, with the first lanes of a group."""
    width, piece, size = model.width, len(model.piece), memory.size
    twin, parts = (2 if knobs.heavy else 1) * size, 2 if knobs.coupled else 1
    for step in range(steps):
        members = entry(draws.sizes, step)
        weight, stored = 1 / members, members - in_registers(model)
        for lane in range(lanes):
            at, first = (group * LANES + lane) * width, step * draws.batch_size * LANES + lane
            if stored > 0:
                for place in range(0, parts * width, piece):
                    store(memory.scratch, place, zeros_like(load(memory.scratch, place, model.piece)))
            for member in range(stored):
                add_sample(model, memory, knobs, entry(draws.batch, first + member * LANES), at)
            index = entry(draws.batch, first + (members - 1) * LANES)
            slope, residual = slopes(model, memory, index, at)
            for place in range(0, width, piece):
                numbers = zeros_like(load(memory.scratch, place, model.piece))
                if in_registers(model) > 0:
                    numbers = load(memory.table, index * width + place, model.piece)
                gradient, noise = slope * numbers, residual * numbers
                if stored > 0:
                    gradient = gradient + load(memory.scratch, place, model.piece)
                rate, here = load(memory.vectors, place, model.piece), at + place
                drift = load(memory.vectors, 2 * width + place, model.piece)
                point = load(memory.state, here, model.piece)
                gradient = gradient * weight + drift
                gradient = gradient + load(memory.vectors, width + place, model.piece) * point
                move(point, gradient, rate, memory.state, here, here + size, knobs)
                if knobs.coupled:
                    if stored > 0:
                        noise = noise + load(memory.scratch, width + place, model.piece)
                    here += twin
                    point = load(memory.state, here, model.piece)
                    gradient = noise * weight + drift
                    gradient = gradient + load(memory.vectors, 3 * width + place, model.piece) * point
                    move(point, gradient, rate, memory.state, here, here + size, knobs)


def add_wide(model, knobs, state, at, earlier, earlier_at, sums, sums_at, group, lanes):
    """Add to ``sums`` the products of the states at ``at`` with earlier ones, for the first lanes of a group."""
    width, piece = model.width, len(model.piece)
    for replica in range(group * LANES, group * LANES + lanes):
        here, there = at + replica * width, earlier_at + replica * width
        for component in range(knobs.dimension):
            target = sums_at + (replica * knobs.dimension + component) * width
            left = entry(state, here + component)
            for place in range(0, width, piece):
                right = extended(load(earlier, there + place, model.piece))
                store(sums, target + place, load(sums, target + place, right) + left * right)
