"""What SGD in compiled code cannot leave out: to draw the indices of its batches. They are added up and thrown away."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def index_draws(dataset_size: int, draws: int, replicas: int) -> Callable[[], np.ndarray]:
    """Return a call that makes ``draws`` indices for each replica, with the library's own generator, in registers."""
    from numba import njit

    from sgdtheory.numeric.engine.numba_backend.random import LANES, bounded, loaded, seeded
    from sgdtheory.numeric.engine.numba_backend.vectors import address, store, zeros_like

    @njit
    def run(words, found, groups, bound, threshold):
        for group in range(groups):
            state = loaded(address(words), group)
            summed = zeros_like(state[0])
            for _ in range(draws):
                drawn, state = bounded(state, bound, threshold)
                summed = summed + drawn
            store(address(found), group * LANES, summed)
        return found

    groups = replicas // LANES
    words, found = seeded(np.random.SeedSequence(0), groups), np.empty(groups * LANES, np.uint32)
    bound = np.uint32(dataset_size)
    return lambda: run(words, found, groups, bound, np.uint32(2**32 % dataset_size))
