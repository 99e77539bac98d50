"""Steps with Gaussian noise in the eigenbasis of the Hessian, a group of replicas side by side."""

from __future__ import annotations

from typing import NamedTuple

from numba.extending import register_jitable

from sgdtheory.numeric.engine.numba_backend.memory import move
from sgdtheory.numeric.engine.numba_backend.random import LANES, LIKE
from sgdtheory.numeric.engine.numba_backend.vectors import entry, extended, load, store, zeros_like

ROWS = 4  # of the root that share the loads of the normals


class GaussianColumns(NamedTuple):
    """The table is the rotated root (dimension, inputs), or, where ``single``, its rows' only entries.

    In the latter case their columns stand behind them.
    """

    inputs: int
    single: bool


def step_gaussian(model, memory, knobs, draws, group, lanes, steps):
    """Take the steps whose normals are drawn, with a whole group."""
    d, inputs = knobs.dimension, model.inputs
    for step in range(steps):
        normals = step * inputs * LANES
        if model.single:
            for row in range(d):
                column = int(entry(memory.table, d + row))
                noise = entry(memory.table, row) * load(draws.normals, normals + column * LANES, LIKE)
                _finish(memory, knobs, group, row, noise)
        else:
            whole = d // ROWS * ROWS
            for row in range(0, whole, ROWS):
                _four_rows(memory, knobs, draws, group, row, normals, inputs)
            for row in range(whole, d):
                noise = zeros_like(load(draws.normals, normals, LIKE))
                for column in range(inputs):
                    normal = load(draws.normals, normals + column * LANES, LIKE)
                    noise = noise + entry(memory.table, row * inputs + column) * normal
                _finish(memory, knobs, group, row, noise)


@register_jitable
def _four_rows(memory, knobs, draws, group, row, normals, inputs):
    first = zeros_like(load(draws.normals, normals, LIKE))
    second, third, fourth = first, first, first
    start = row * inputs
    for column in range(inputs):
        normal = load(draws.normals, normals + column * LANES, LIKE)
        first = first + entry(memory.table, start + column) * normal
        second = second + entry(memory.table, start + inputs + column) * normal
        third = third + entry(memory.table, start + 2 * inputs + column) * normal
        fourth = fourth + entry(memory.table, start + 3 * inputs + column) * normal
    _finish(memory, knobs, group, row, first)
    _finish(memory, knobs, group, row + 1, second)
    _finish(memory, knobs, group, row + 2, third)
    _finish(memory, knobs, group, row + 3, fourth)


@register_jitable
def _finish(memory, knobs, group, row, noise):
    at = (group * knobs.dimension + row) * LANES
    rate, curvature = entry(memory.vectors, row), entry(memory.vectors, knobs.dimension + row)
    point = load(memory.state, at, LIKE)
    move(point, curvature * point + noise, rate, memory.state, at, at + memory.size, knobs)
    if knobs.coupled:
        at += (2 if knobs.heavy else 1) * memory.size
        point = load(memory.state, at, LIKE)
        move(point, curvature * point + noise, rate, memory.state, at, at + memory.size, knobs)


def add_gaussian(model, knobs, state, at, earlier, earlier_at, sums, sums_at, group, lanes):
    """Add to ``sums`` the products of the states at ``at`` with earlier ones, for a group."""
    d = knobs.dimension
    here, there = at + group * d * LANES, earlier_at + group * d * LANES
    for row in range(d):
        left = extended(load(state, here + row * LANES, LIKE))
        for column in range(d):
            target = sums_at + ((group * d + row) * d + column) * LANES
            product = left * extended(load(earlier, there + column * LANES, LIKE))
            store(sums, target, load(sums, target, LIKE) + product)
