"""The one compiled function that drives blocks: it draws, steps and adds up, a group of replicas after the other."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from numba import njit
from numba.extending import overload, register_jitable

from sgdtheory.numeric.engine.numba_backend.gaussian import GaussianColumns, add_gaussian, step_gaussian
from sgdtheory.numeric.engine.numba_backend.gaussian_features import GaussianFeaturesColumns, step_gaussian_features
from sgdtheory.numeric.engine.numba_backend.indices import IndexDraws, draw_indices
from sgdtheory.numeric.engine.numba_backend.memory import Memory, blocks, delay
from sgdtheory.numeric.engine.numba_backend.normals import NormalDraws, draw_normals
from sgdtheory.numeric.engine.numba_backend.random import LANES
from sgdtheory.numeric.engine.numba_backend.rows import add_rows, step_rows
from sgdtheory.numeric.engine.numba_backend.vectors import address, entry, put
from sgdtheory.numeric.engine.numba_backend.wide import MatrixWide, RankOneWide, SharedWide, add_wide, step_wide
from sgdtheory.processes import update

DRAW_AND_STEP, STEP, DRAW = range(3)
GAUSSIAN = {GaussianColumns: step_gaussian, GaussianFeaturesColumns: step_gaussian_features}
WIDE = (RankOneWide, SharedWide, MatrixWide)


def addressed(draws):
    """Return draws with addresses in place of arrays."""
    raise NotImplementedError("compiled code only")


@overload(addressed)
def _addressed(draws):
    if draws.instance_class is IndexDraws:
        return lambda draws: IndexDraws(
            address(draws.words),
            address(draws.batch),
            address(draws.sizes),
            address(draws.orders),
            address(draws.thresholds),
            draws.sampling,
            draws.dataset_size,
            draws.batch_size,
            draws.chunk,
        )
    return lambda draws: NormalDraws(
        address(draws.words), address(draws.normals), address(draws.spares), draws.inputs, draws.chunk
    )


def draw(draws, group, place, steps):
    """Draw what some steps of a group need."""
    raise NotImplementedError("compiled code only")


@overload(draw)
def _draw(draws, group, place, steps):
    if draws.instance_class is IndexDraws:
        return lambda draws, group, place, steps: draw_indices(draws, group, place, steps)
    return lambda draws, group, place, steps: draw_normals(draws, group, place, steps)


def step(model, memory, knobs, draws, group, lanes, steps):
    """Take the steps that are drawn, with the first lanes of a group."""
    raise NotImplementedError("compiled code only")


@overload(step)
def _step(model, memory, knobs, draws, group, lanes, steps):
    if model.instance_class in GAUSSIAN:
        return GAUSSIAN[model.instance_class]
    return step_wide if model.instance_class in WIDE else step_rows


def add_products(model, knobs, state, at, earlier, earlier_at, sums, sums_at, group, lanes):
    """Add to ``sums`` the products of the states at ``at`` with earlier ones, for the first lanes of a group."""
    raise NotImplementedError("compiled code only")


@overload(add_products)
def _add_products(model, knobs, state, at, earlier, earlier_at, sums, sums_at, group, lanes):
    if model.instance_class in GAUSSIAN:
        return add_gaussian
    return add_wide if model.instance_class in WIDE else add_rows


@register_jitable
def advance_group(model, memory, knobs, draws, group, lanes, place, steps, mode):
    """Take any number of steps with a group, a chunk of draws at a time."""
    while steps > 0:
        now = min(steps, draws.chunk)
        if mode != STEP:
            place = draw(draws, group, place, now)
        if mode != DRAW:
            step(model, memory, knobs, draws, group, lanes, now)
        steps -= now
    return place


@register_jitable
def add_look(model, memory, knobs, group, lanes, span, lag, lags, sums, earlier):
    """Add up what is seen at a look (lag 0; what is seen is kept) or the lag-th lag after it.

    Sums are, for the points and then the companions: states, products, and products for each lag.
    """
    for part in range(2 if knobs.coupled else 1):
        at = (blocks(knobs) * delay(knobs) + (2 if part and knobs.heavy else part)) * memory.size
        sums_at = part * memory.size * (1 + (1 + lags) * knobs.dimension)
        if lag == 0:
            for number in range(span):
                here = group * span + number
                value = entry(memory.state, at + here)
                put(sums, sums_at + here, entry(sums, sums_at + here) + value)
                put(earlier, part * span + number, value)
        sums_at += memory.size * (1 + lag * knobs.dimension)
        earlier_at = (part - group) * span
        add_products(model, knobs, memory.state, at, earlier, earlier_at, sums, sums_at, group, lanes)


def _driver(sources: bytes) -> Callable[..., int]:
    # Numba keeps compiled code on disk and looks only at this file's date; as a variable of the closure, what stands
    # in all the files becomes part of the key under which the code is kept.
    def run(model, knobs, arrays, draws, groups, replicas, place, steps, looks, stride, lags, mode):
        """Advance groups ``groups[0]`` to ``groups[1]`` by some steps, then by looks that are added up.

        ``arrays`` are table, vectors, state, scratch, sums and earlier. Returns the place in the epoch, or the number
        of spare normals, after the last step.
        """
        sources  # noqa: B018
        table, vectors, state, scratch, sums, earlier = arrays
        size = state.size // (blocks(knobs) * (1 + delay(knobs)))
        span = size // (-(-replicas // LANES))
        memory = Memory(address(table), address(vectors), address(state), address(scratch), size)
        source, totals, kept = addressed(draws), address(sums), address(earlier)
        start, cycle = place, 1 + len(lags)
        for group in range(groups[0], groups[1]):
            lanes, place, now, passed = min(LANES, replicas - group * LANES), start, steps, 0
            # One call of each, or the compiler copies whole kernels to every place of call.
            for event in range(1 + looks * cycle):
                phase = event % cycle
                if event > 0:
                    after = lags[phase - 1] if phase > 0 else max(stride, passed)
                    now, passed = after - passed, after if phase > 0 else 0
                place = advance_group(model, memory, knobs, source, group, lanes, place, now, mode)
                if event < looks * cycle:
                    add_look(model, memory, knobs, group, lanes, span, phase, cycle - 1, totals, kept)
        return place

    try:
        return njit(nogil=True, cache=True)(run)
    except RuntimeError:  # no folder to keep compiled code in
        return njit(nogil=True)(run)


def _sources() -> bytes:
    files = [*sorted(Path(__file__).parent.glob("*.py")), Path(update.__file__)]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).digest()


run = _driver(_sources())
