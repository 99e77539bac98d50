"""Mini-batches of indices for lanes of replicas: independent draws, fresh subsets, shuffled epochs.

A number below a bound costs each lane one word of its stream (and another for each rejection), whatever the sampling;
so what is drawn does not depend on how many steps are drawn at a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from sgdtheory.numeric.engine.numba_backend.random import LANES, bounded, loaded, seeded, stored
from sgdtheory.numeric.engine.numba_backend.vectors import entry, put, store
from sgdtheory.optimizers import SAMPLINGS

REPLACEMENT, SUBSETS, SHUFFLED = range(len(SAMPLINGS))
CHUNK = 2048  # indices that are drawn at a time for a group of lanes, 8 KiB


class IndexDraws(NamedTuple):
    """Where indices come from and go to: arrays, or in compiled code their addresses.

    Attributes
    ----------
    words
        uint32 (groups, 4, LANES): states of the generators.
    batch
        uint32 (chunk, batch_size, LANES): the steps' batches, of which the first sizes[step] places count.
    sizes
        int64 (chunk,).
    orders
        uint16 or uint32: for subsets (1, dataset_size), the numbers in their order between any two steps; for shuffled
        epochs (groups * LANES, dataset_size), each replica's order, which lasts.
    thresholds
        uint32 (dataset_size + 1,): 2**32 modulo each bound.
    sampling, dataset_size, batch_size, chunk
        Numbers.
    """

    words: np.ndarray
    batch: np.ndarray
    sizes: np.ndarray
    orders: np.ndarray
    thresholds: np.ndarray
    sampling: int
    dataset_size: int
    batch_size: int
    chunk: int


def index_draws(
    seed: np.random.SeedSequence, replicas: int, dataset_size: int, batch_size: int, sampling: str
) -> IndexDraws:
    """Return a fresh source of batches for so many replicas."""
    groups, kind = -(-replicas // LANES), SAMPLINGS.index(sampling)
    chunk = max(1, CHUNK // (LANES * batch_size))
    bounds = np.maximum(np.arange(dataset_size + 1, dtype=np.uint64), np.uint64(1))
    numbers = np.arange(dataset_size, dtype=np.uint16 if dataset_size <= 1 << 16 else np.uint32)
    return IndexDraws(
        words=seeded(seed, groups),
        batch=np.zeros((chunk, batch_size, LANES), np.uint32),
        sizes=np.full(chunk, batch_size),
        orders=np.tile(numbers, ((0, 1, groups * LANES)[kind], 1)),
        thresholds=(np.uint64(1 << 32) % bounds).astype(np.uint32),
        sampling=kind,
        dataset_size=dataset_size,
        batch_size=batch_size,
        chunk=chunk,
    )


@register_jitable
def draw_indices(draws, group, place, steps):
    """Draw the batches of up to ``chunk`` steps for a group of lanes; return how much of the epoch is then used up."""
    state = loaded(draws.words, group)
    dataset_size, per_step = draws.dataset_size, draws.batch_size * LANES
    for step in range(steps):
        size = draws.batch_size
        if draws.sampling == SHUFFLED:
            if place == dataset_size:
                place = 0
            size = min(size, dataset_size - place)
        put(draws.sizes, step, size)
        for member in range(size):
            bound = dataset_size
            if draws.sampling != REPLACEMENT:
                bound -= place + member
            chosen, state = bounded(state, bound, entry(draws.thresholds, bound))
            store(draws.batch, step * per_step + member * LANES, chosen)
        if draws.sampling == SUBSETS:
            for lane in range(LANES):
                _shuffle(draws, step * per_step + lane, 0, 0, size)
                _put_back(draws, step * per_step + lane, size)
        elif draws.sampling == SHUFFLED:
            for lane in range(LANES):
                _shuffle(draws, step * per_step + lane, (group * LANES + lane) * dataset_size, place, size)
            place += size
    stored(draws.words, group, state)
    return place


@register_jitable
def _shuffle(draws, at, order, place, size):
    """Take the next steps of Fisher and Yates's shuffle, whose choices are in the batch, and leave what they pick."""
    for member in range(size):
        first = order + place + member
        other = first + entry(draws.batch, at + member * LANES)
        picked = entry(draws.orders, other)
        put(draws.orders, other, entry(draws.orders, first))
        put(draws.orders, first, picked)
        put(draws.batch, at + member * LANES, picked)


@register_jitable
def _put_back(draws, at, size):
    """Bring a shuffled order back to 0, 1, 2, ..., so that all replicas share one that stays in the cache."""
    for member in range(size):
        put(draws.orders, member, member)
        picked = entry(draws.batch, at + member * LANES)
        put(draws.orders, picked, picked)
