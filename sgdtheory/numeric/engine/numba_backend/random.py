"""Random words, bounded whole numbers and normals for lanes of replicas, each lane with a stream of its own."""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from sgdtheory.numeric.engine.numba_backend.vectors import any_set, below, bits_of, load, store, words_of

LANES = 16
LIKE = (0,) * LANES
LOW, HIGH = np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFF00000000)
WORDS = 4 * LANES  # of state, for a group of lanes


def seeded(seed: np.random.SeedSequence, groups: int) -> np.ndarray:
    """Return the states of xoshiro128++, uint32 (groups, 4, LANES): the same for a lane however many follow it."""
    words = seed.generate_state(groups * WORDS, np.uint32).reshape(groups, LANES, 4)
    words[..., 0] |= ~words.any(axis=-1)  # the generator never leaves an all-zero state
    return np.ascontiguousarray(words.transpose(0, 2, 1))


@register_jitable
def loaded(words, group):
    """Return the state of a group's lanes."""
    at = group * WORDS
    return (
        load(words, at, LIKE),
        load(words, at + LANES, LIKE),
        load(words, at + 2 * LANES, LIKE),
        load(words, at + 3 * LANES, LIKE),
    )


@register_jitable
def stored(words, group, state):
    """Keep the state of a group's lanes."""
    at = group * WORDS
    store(words, at, state[0])
    store(words, at + LANES, state[1])
    store(words, at + 2 * LANES, state[2])
    store(words, at + 3 * LANES, state[3])


@register_jitable
def next_words(state):
    """Return 32 random bits for each lane, and the next state: xoshiro128++ of Blackman and Vigna (2021)."""
    a, b, c, d = state
    summed = a + d
    words = ((summed << 7) | (summed >> 25)) + a
    shifted = b << 9
    c = c ^ a
    d = d ^ b
    b = b ^ c
    a = a ^ d
    c = c ^ shifted
    d = (d << 11) | (d >> 21)
    return words, (a, b, c, d)


@register_jitable
def bounded(state, bound, threshold):
    """Return a uniform whole number below ``bound`` for each lane, and the next state.

    The high word of ``bound * word`` is uniform once words whose low word is below ``threshold = 2**32 % bound`` are
    drawn again (Lemire 2019). Only the lanes that reject draw again, so that each lane's numbers are its stream's own.
    """
    words, state = next_words(state)
    chosen, low = _product(words, bound)
    refused = below(low, threshold)
    if any_set(refused):
        return _redrawn(state, chosen, refused, bound, threshold)
    return chosen, state


@register_jitable
def _product(words, bound):
    """Return the high and the low words of the products, from those of even and odd lanes."""
    pairs, factor = bits_of(words), np.uint64(bound) & LOW  # which tells the compiler to multiply 32 bits by 32
    even, odd = (pairs & LOW) * factor, (pairs >> 32) * factor
    return words_of((even >> 32) | (odd & HIGH)), words_of((even & LOW) | (odd << 32))


@register_jitable
def _redrawn(state, chosen, refused, bound, threshold):
    while any_set(refused):
        words, (a, b, c, d) = next_words(state)
        fresh, low = _product(words, bound)
        chosen = _mixed(chosen, fresh, refused)
        state = (
            _mixed(state[0], a, refused),
            _mixed(state[1], b, refused),
            _mixed(state[2], c, refused),
            _mixed(state[3], d, refused),
        )
        refused = refused & below(low, threshold)
    return chosen, state


@register_jitable
def _mixed(old, new, mask):
    return old ^ ((old ^ new) & mask)
