"""Steps on Gaussian features that are drawn afresh, a group of replicas side by side."""

from __future__ import annotations

from typing import NamedTuple

from numba.extending import register_jitable

from sgdtheory.numeric.engine.numba_backend.memory import move
from sgdtheory.numeric.engine.numba_backend.random import LANES, LIKE
from sgdtheory.numeric.engine.numba_backend.vectors import entry, load, store, zeros_like


class GaussianFeaturesColumns(NamedTuple):
    """The table is the root (dimension, inputs), or, where ``single``, its rows' only entries, then their columns.

    A sample takes ``inputs`` normals for its features and one for its target. The scratch holds features, then the sum
    of the samples' gradients.
    """

    inputs: int
    single: bool
    deviation: float


def step_gaussian_features(model, memory, knobs, draws, group, lanes, steps):
    """Take the steps whose normals are drawn, with a whole group."""
    d, each = knobs.dimension, model.inputs + 1
    samples = draws.inputs // each
    weight, start = 1 / samples, group * d * LANES
    for step in range(steps):
        for sample in range(samples):
            normals = (step * samples + sample) * each * LANES
            slope = load(draws.normals, normals + model.inputs * LANES, LIKE) * -model.deviation
            for row in range(d):
                feature = _feature(model, memory, draws, row, d, normals)
                store(memory.scratch, row * LANES, feature)
                slope = slope + feature * load(memory.state, start + row * LANES, LIKE)
            for row in range(0, d * LANES, LANES):
                gradient = slope * load(memory.scratch, row, LIKE)
                if sample > 0:
                    gradient = gradient + load(memory.scratch, d * LANES + row, LIKE)
                store(memory.scratch, d * LANES + row, gradient)
        for row in range(d):
            at = start + row * LANES
            point, gradient = load(memory.state, at, LIKE), load(memory.scratch, (d + row) * LANES, LIKE)
            move(point, gradient * weight, entry(memory.vectors, row), memory.state, at, at + memory.size, knobs)


@register_jitable
def _feature(model, memory, draws, row, d, normals):
    if model.single:
        column = int(entry(memory.table, d + row))
        return entry(memory.table, row) * load(draws.normals, normals + column * LANES, LIKE)
    feature = zeros_like(load(draws.normals, normals, LIKE))
    for column in range(model.inputs):
        normal = load(draws.normals, normals + column * LANES, LIKE)
        feature = feature + entry(memory.table, row * model.inputs + column) * normal
    return feature
