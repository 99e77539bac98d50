"""Standard normals in double precision: Box and Muller's map, with a logarithm, sine and cosine of our own."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from sgdtheory.numeric.engine.numba_backend.random import LANES, LIKE, loaded, next_words, seeded, stored
from sgdtheory.numeric.engine.numba_backend.vectors import (
    bits_of,
    from_bits,
    load,
    square_root,
    store,
    to_float,
    widen,
)

CHUNK = 2048  # normals that are drawn at a time for a group of lanes
ROOT_HALF = np.uint64(0x3FE6A09E667F3BCD)  # the bits of sqrt(1/2)
EXPONENT = np.uint64(0xFFF0000000000000)
SIGN = np.uint64(0x8000000000000000)
QUARTER = np.uint64((1 << 30) - 1)
LN2 = 0.6931471805599453
HALF_PI = 1.5707963267948966


@register_jitable
def negative_log(numbers):
    """Return -log of normal numbers in (0, 1): fdlibm's polynomial, about one unit in the last place."""
    bits = bits_of(numbers)
    # Numbers are 2**exponent * mantissa with the mantissa in [sqrt(1/2), sqrt(2)); exponents here are 0 or less.
    excess = (bits - ROOT_HALF) & EXPONENT
    halvings = to_float((np.uint64(0) - excess) >> np.uint64(52) & np.uint64(0xFFF))
    f = from_bits(bits - excess) - 1.0
    s = f / (2.0 + f)
    z = s * s
    tail = z * 0.1479819860511658591 + 0.1531383769920937332
    tail = z * tail + 0.1818357216161805012
    tail = z * tail + 0.2222219843214978396
    tail = z * tail + 0.2857142874366239149
    tail = z * tail + 0.3999999999940941908
    tail = z * (z * tail + 0.6666666666666735130)
    half_square = 0.5 * f * f
    return halvings * LN2 + ((half_square - s * (half_square + tail)) - f)


@register_jitable
def cosine_and_sine(words):
    """Return cosine and sine of an angle of ``(word + 1/2) / 2**32 - 1/8`` turns."""
    words = widen(words)
    angle = (to_float(words & QUARTER) - (0.5 * 2.0**30 - 0.5)) * (HALF_PI / 2.0**30)
    square = angle * angle
    sine = square * 1.58969099521155010221e-10 - 2.50507602534068634195e-08
    sine = square * sine + 2.75573137070700676789e-06
    sine = square * sine - 1.98412698298579493134e-04
    sine = square * sine + 8.33333333332248946124e-03
    sine = square * sine - 1.66666666666666324348e-01
    sine = angle + angle * square * sine
    cosine = square * -1.13596475577881948265e-11 + 2.08757232129817482790e-09
    cosine = square * cosine - 2.75573143513906633035e-07
    cosine = square * cosine + 2.48015872894767294178e-05
    cosine = square * cosine - 1.38888888888741095749e-03
    cosine = square * cosine + 4.16666666666666019037e-02
    cosine = 1.0 - 0.5 * square + square * square * cosine
    # Quadrants 0, 1, 2, 3 are turns by right angles: (c, s), (-s, c), (-c, -s), (s, -c).
    quadrant = words >> 30
    odd = np.uint64(0) - (quadrant & 1)
    first, second = bits_of(cosine), bits_of(sine)
    swap = (first ^ second) & odd
    first, second = first ^ swap, second ^ swap
    first = first ^ (((quadrant ^ (quadrant >> 1)) << 63) & SIGN)
    second = second ^ ((quadrant >> 1) << 63)
    return from_bits(first), from_bits(second)


@register_jitable
def normal_pair(state):
    """Return two independent normals for each lane, and the next state.

    The radius comes from 52 random bits, so that it reaches 8.5, the angle from 32.
    """
    high, state = next_words(state)
    low, state = next_words(state)
    turn, state = next_words(state)
    bits = (widen(high) << 20) | (widen(low) >> 12)
    uniform = (to_float(bits) + 0.5) * 2.0**-52
    radius = square_root(2.0 * negative_log(uniform))
    cosine, sine = cosine_and_sine(turn)
    return radius * cosine, radius * sine, state


class NormalDraws(NamedTuple):
    """Where normals come from and go to: arrays, or in compiled code their addresses.

    Attributes
    ----------
    words
        uint32 (groups, 4, LANES): states of the generators.
    normals
        (chunk, inputs, LANES), in the precision of the states.
    spares
        (groups, LANES): normals that are drawn and not yet used.
    inputs, chunk
        Normals of a step, and steps that are drawn at a time.
    """

    words: np.ndarray
    normals: np.ndarray
    spares: np.ndarray
    inputs: int
    chunk: int


def normal_draws(seed: np.random.SeedSequence, replicas: int, inputs: int, dtype: np.dtype) -> NormalDraws:
    """Return a fresh source of normals for so many replicas."""
    groups = -(-replicas // LANES)
    chunk = max(1, CHUNK // (LANES * max(inputs, 1)))
    return NormalDraws(
        words=seeded(seed, groups),
        normals=np.zeros((chunk, inputs, LANES), dtype),
        spares=np.zeros((groups, LANES), dtype),
        inputs=inputs,
        chunk=chunk,
    )


@register_jitable
def draw_normals(draws, group, spare, steps):
    """Draw the normals of up to ``chunk`` steps for a group of lanes; return whether one is left over: 0 or 1.

    Normals come in pairs. The second of the last pair waits among the spares if the count has no use for it, so that
    what is drawn does not depend on how many steps are drawn at a time.
    """
    state, count = loaded(draws.words, group), steps * draws.inputs
    done = 0
    if spare and count > 0:
        store(draws.normals, 0, load(draws.spares, group * LANES, LIKE))
        done, spare = 1, 0
    while done < count:
        first, second, state = normal_pair(state)
        store(draws.normals, done * LANES, first)
        if done + 1 < count:
            store(draws.normals, (done + 1) * LANES, second)
        else:
            store(draws.spares, group * LANES, second)
            spare = 1
        done += 2
    stored(draws.words, group, state)
    return spare
