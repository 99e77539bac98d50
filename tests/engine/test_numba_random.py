"""The generator against its published outputs and plain Python; the maps to numbers and normals, entry by entry."""

from itertools import islice

import numpy as np
import pytest

pytest.importorskip("numba")

import numba

from sgdtheory.numeric.engine.numba_backend.normals import cosine_and_sine, negative_log
from sgdtheory.numeric.engine.numba_backend.random import LANES, LIKE, bounded, loaded, next_words, seeded, stored
from sgdtheory.numeric.engine.numba_backend.vectors import address, load, store

MASK = 2**32 - 1


def words(state):
    """Yield the outputs of xoshiro128++ 1.0 in plain integers, as its authors' C program has it."""

    def rotated(x, k):
        return ((x << k) | (x >> (32 - k))) & MASK

    a, b, c, d = map(int, state)
    while True:
        yield (rotated((a + d) & MASK, 7) + a) & MASK
        shifted = (b << 9) & MASK
        c ^= a
        d ^= b
        b ^= c
        a ^= d
        c ^= shifted
        d = rotated(d, 11)


def below(state, bound):
    for word in words(state):
        if word * bound % 2**32 >= 2**32 % bound:
            yield word * bound >> 32


@numba.njit
def compiled_words(states, out, bound, threshold):
    state, target = loaded(address(states), 1), address(out)
    for number in range(len(out) // LANES):
        if bound:
            value, state = bounded(state, bound, threshold)
        else:
            value, state = next_words(state)
        store(target, number * LANES, value)
    stored(address(states), 1, state)


def outputs(states, count, bound=0):
    out = np.zeros((count, LANES), np.uint32)
    compiled_words(states.reshape(-1), out.reshape(-1), bound, 2**32 % bound if bound else 0)
    return out


def test_plain_generator_gives_the_published_outputs():
    known = [641, 1573767, 3222811527, 3517856514, 836907274, 4247214768, 3867114732, 1355841295, 495546011, 621204420]
    assert list(islice(words([1, 2, 3, 4]), 10)) == known


def test_words_are_those_of_the_plain_generator():
    states = seeded(np.random.SeedSequence(7), 2)
    states[1, :, 0] = 1, 2, 3, 4
    before = states.copy()
    first, second = outputs(states, 50), outputs(states, 30)
    for lane in range(LANES):
        expected = list(islice(words(before[1, :, lane]), 80))
        assert np.concatenate([first, second])[:, lane].tolist() == expected
    assert np.array_equal(states[0], before[0])


@pytest.mark.parametrize("bound", [1, 2, 1000, 3 * 2**30, 2**32 - 5])
def test_bounded_numbers_redraw_from_their_own_lane_only(bound):
    """A quarter of the words is refused at 3 * 2**30, so that lanes fall out of step."""
    states = seeded(np.random.SeedSequence(8), 2)
    before = states.copy()
    seen = outputs(states, 200, bound)
    for lane in range(LANES):
        assert seen[:, lane].tolist() == list(islice(below(before[1, :, lane], bound), 200))


def test_states_differ_are_not_zero_and_do_not_depend_on_how_many_follow():
    few, many = seeded(np.random.SeedSequence(9), 3), seeded(np.random.SeedSequence(9), 300)
    assert np.array_equal(few, many[:3])
    rows = many.transpose(0, 2, 1).reshape(-1, 4)
    assert rows.any(axis=1).all()
    assert len(np.unique(rows, axis=0)) == 300 * LANES


def test_zero_state_is_mended():
    class Zeros:
        def generate_state(self, count, dtype):
            return np.zeros(count, dtype)

    assert seeded(Zeros(), 1).any(axis=1).all()


@numba.njit
def compiled_maps(uniforms, turns, logarithms, cosines, sines):
    for place in range(0, len(uniforms), LANES):
        store(address(logarithms), place, negative_log(load(address(uniforms), place, LIKE)))
        cosine, sine = cosine_and_sine(load(address(turns), place, LIKE))
        store(address(cosines), place, cosine)
        store(address(sines), place, sine)


def test_normals_are_accurate_into_the_tails():
    """The radius reaches sqrt(2 * 53 log 2) = 8.57 at the smallest uniform; all maps err by some units of rounding."""
    rng = np.random.default_rng(0)
    count = 1 << 14
    near_zero, near_one = 2.0 ** -rng.uniform(0, 53, count), 1 - 2.0 ** -rng.uniform(1, 53, count)
    edges = np.array([2.0**-53, 1 - 2.0**-53, 0.5, np.sqrt(0.5), 0.25, 0.75, 2.0**-20, 1 - 2.0**-20] * 2)
    uniforms = np.concatenate([rng.random(count), near_zero, near_one, edges])
    turns = rng.integers(0, 2**32, len(uniforms), dtype=np.uint32)
    turns[:8] = 0, MASK, 2**30 - 1, 2**30, 2**31 - 1, 2**31, 3 * 2**30 - 1, 3 * 2**30
    logarithms, cosines, sines = (np.zeros(len(uniforms)) for _ in range(3))
    compiled_maps(uniforms, turns, logarithms, cosines, sines)
    exact = -np.log(uniforms.astype(np.longdouble))
    assert np.abs(logarithms / exact - 1).max() < 4 * 2.0**-53
    circle = 2 * np.longdouble("3.14159265358979323846264338327950288")
    angles = ((turns.astype(np.longdouble) + 0.5) / 2**32 - 0.125) * circle
    assert np.abs(cosines - np.cos(angles)).max() < 3 * 2.0**-53
    assert np.abs(sines - np.sin(angles)).max() < 3 * 2.0**-53
