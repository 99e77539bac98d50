"""Draws in JAX: words of the Threefry-2x32 counter cipher, and the indices and normals that are made of them.

Each word is a function of (key, step, replica, place), so draws depend neither on how steps are grouped into calls nor
on how replicas are spread over devices. The cipher is that of ``jax.random`` (20 rounds), written out so that XLA fuses
it with what uses it; on CPU ``jax.random`` runs its rounds as a loop, which costs five to ten times as much.

Indices come from words by multiplication and shift: each of ``bound`` indices has probability 1/bound to a relative
2**-32 bound, for example 2.3e-7 for 1,000 samples.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = np.uint32(0x1BD11BDA)

Words = jax.Array


def threefry(key: tuple[Words, Words], first: Words, second: Words) -> tuple[Words, Words]:
    """Return the cipher's two words for counters (first, second), arrays of any one shape.

    Source: Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3.
    """
    keys = (*key, key[0] ^ key[1] ^ PARITY)
    first, second = first + keys[0], second + keys[1]
    for group in range(5):
        for rotation in ROTATIONS[group % 2]:
            first = first + second
            second = (second << np.uint32(rotation)) | (second >> np.uint32(32 - rotation))
            second = first ^ second
        first = first + keys[(group + 1) % 3]
        second = second + keys[(group + 2) % 3] + np.uint32(group + 1)
    return first, second


def fold_in(key: tuple[Words, Words], number: Words) -> tuple[Words, Words]:
    """Return the key of a step, as ``jax.random.fold_in`` makes it."""
    return threefry(key, jnp.uint32(0), number)


def blocks(key: tuple[Words, Words], count: int, replicas: Words) -> tuple[Words, Words]:
    """Return ``count`` independent pairs of words for each replica, two arrays (count, replicas)."""
    shape = (count, len(replicas))
    return threefry(key, lax.broadcasted_iota(jnp.uint32, shape, 0), jnp.broadcast_to(replicas, shape))


def words(key: tuple[Words, Words], count: int, replicas: Words) -> Words:
    """Return independent words (count, replicas)."""
    return jnp.concatenate(blocks(key, -(-count // 2), replicas))[:count]


def below(word: Words, bound: int | Words) -> jax.Array:
    """Return floor(word * bound / 2**32), an int32 in [0, bound), in 32-bit arithmetic alone."""
    bound = jnp.asarray(bound, jnp.uint32)
    high, low = word >> 16, word & 0xFFFF
    bound_high, bound_low = bound >> 16, bound & 0xFFFF
    middle = high * bound_low + (low * bound_low >> 16)
    other = low * bound_high + (middle & 0xFFFF)
    return (high * bound_high + (middle >> 16) + (other >> 16)).astype(jnp.int32)


def normals(key: tuple[Words, Words], count: int, replicas: Words, dtype: jnp.dtype) -> jax.Array:
    """Return standard normals (count, replicas): the inverse distribution function of 52 (float32: 23) bits."""
    if dtype == jnp.float64:
        first, second = blocks(key, count, replicas)
        bits, step = first.astype(dtype) * 2.0**20 + (second >> 12).astype(dtype), 2.0**-52
    else:
        bits, step = (words(key, count, replicas) >> 9).astype(dtype), 2.0**-23
    # The centres of 2**52 cells of (-1, 1): exact, symmetric and never an end.
    return np.sqrt(2).astype(dtype) * lax.erf_inv((2 * bits + 1) * jnp.asarray(step, dtype) - 1)


def with_replacement(key: tuple[Words, Words], batch_size: int, dataset_size: int, replicas: Words) -> jax.Array:
    """Return independent indices (batch_size, replicas)."""
    return below(words(key, batch_size, replicas), dataset_size)


def subsets(key: tuple[Words, Words], batch_size: int, dataset_size: int, replicas: Words) -> jax.Array:
    """Return a uniform subset of the indices for each replica, (batch_size, replicas).

    Floyd's algorithm: it needs no list of the indices. The order within a batch is not uniform; the set is.
    Source: Bentley and Floyd (1987), A sample of brilliance.
    """
    drawn = lax.optimization_barrier(words(key, batch_size, replicas))

    def fill(place: jax.Array, chosen: jax.Array) -> jax.Array:
        last = dataset_size - batch_size + place
        candidate = below(drawn[place], last + 1)
        taken = (chosen == candidate).any(axis=0)
        return chosen.at[place].set(jnp.where(taken, last, candidate))

    chosen = jnp.full(drawn.shape, -1, jnp.int32)
    return lax.fori_loop(np.int32(0), np.int32(batch_size), fill, chosen)


def shuffled(
    key: tuple[Words, Words], batch_size: int, position: Words, order: jax.Array, replicas: Words
) -> tuple[jax.Array, jax.Array]:
    """Return the next batch of an epoch, (batch_size, replicas), and the order of the indices, (D, replicas).

    Places ``position * batch_size`` and following of a Fisher-Yates shuffle, one batch at a time: an epoch is a uniform
    permutation whatever order it starts from, so the order is never reset. Past the end of an epoch the last index is
    repeated; those do not count.
    """
    dataset_size, width = order.shape
    drawn = lax.optimization_barrier(words(key, batch_size, replicas))
    columns = lax.iota(jnp.int32, width)

    def swap(place: jax.Array, carried: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        flat, batch = carried
        here = jnp.minimum(position.astype(jnp.int32) * batch_size + place, dataset_size - 1)
        chosen = (here + below(drawn[place], dataset_size - here)) * width + columns
        here = here * width + columns
        # One read, then one write: with two of either XLA copies the whole order at each step.
        pair = flat.at[jnp.concatenate([chosen, here])].get(mode="promise_in_bounds")
        pair = lax.optimization_barrier(pair)
        flat = flat.at[jnp.concatenate([here, chosen])].set(pair, mode="promise_in_bounds")
        return flat, batch.at[place].set(pair[:width])

    empty = jnp.zeros((batch_size, width), jnp.int32)
    flat, batch = lax.fori_loop(np.int32(0), np.int32(batch_size), swap, (order.reshape(-1), empty))
    return batch, flat.reshape(order.shape)
