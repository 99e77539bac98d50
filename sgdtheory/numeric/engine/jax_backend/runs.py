"""Compiled runs in JAX: groups of replicas, one after the other on each device, each through all steps of a call.

A group is small enough for the cache of a processor; on an accelerator it is all replicas of the device. Numbers of
steps and looks are arguments, so that what is compiled serves any number of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.sharding import Mesh, PartitionSpec

from sgdtheory.numeric.engine.jax_backend.groups import AXIS
from sgdtheory.numeric.engine.jax_backend.step import Draw, Key, Parts, Replicas, StepPlan, draw, take_step

compiled = partial(jax.jit, static_argnames=("plan", "mesh"))


def _each_group(mesh: Mesh | None, run: Callable[..., Any], groups: Any, *shared: Any) -> Any:
    """Apply a run to each group (leading axis), shared arguments beside; devices take equal numbers of groups."""

    def on_device(groups: Any, *shared: Any) -> Any:
        return lax.map(lambda group: run(group, *shared), groups)

    if mesh is None:
        return on_device(groups, *shared)
    split, whole = PartitionSpec(AXIS), PartitionSpec()
    return jax.shard_map(
        on_device, mesh=mesh, in_specs=(split, *(whole for _ in shared)), out_specs=split, check_vma=False
    )(groups, *shared)


def _own_steps(
    plan: StepPlan, parts: Parts, key: Key, replicas: Replicas, numbers: jax.Array, first: jax.Array, count: jax.Array
) -> Replicas:
    """Take ``count`` steps from step ``first`` with draws of their own."""

    def step(number: jax.Array, replicas: Replicas) -> Replicas:
        drawn, order = draw(plan, parts, key, number, replicas, numbers)
        return take_step(plan, parts, replicas, drawn)._replace(order=order)

    return lax.fori_loop(first, first + count, step, replicas)


@compiled
def advance(plan, mesh, parts, key, replicas, numbers, first, count):
    """Return the replicas ``count`` steps after step ``first``."""

    def run(group: Any, parts: Parts, key: Key, first: jax.Array, count: jax.Array) -> Replicas:
        return _own_steps(plan, parts, key, *group, first, count)

    return _each_group(mesh, run, (replicas, numbers), parts, key, first, count)


@compiled
def follow(plan, mesh, parts, replicas, draws, sizes, count):
    """Return the replicas after ``count`` given draws (groups, steps, m, replicas) of the given sizes (steps,)."""

    def run(group: Any, parts: Parts, sizes: jax.Array, count: jax.Array) -> Replicas:
        replicas, draws = group

        def step(number: jax.Array, replicas: Replicas) -> Replicas:
            return take_step(plan, parts, replicas, Draw(draws[number], sizes[number]))

        return lax.fori_loop(np.int32(0), count, step, replicas)

    return _each_group(mesh, run, (replicas, draws), parts, sizes, count)


@partial(jax.jit, static_argnames=("plan", "mesh", "room"))
def draws(plan, mesh, room, parts, key, replicas, numbers, first, count):
    """Return ``count <= room`` draws (groups, room, m, replicas), their sizes (groups, room), and the orders left."""

    def run(group: Any, parts: Parts, key: Key, first: jax.Array, count: jax.Array) -> Any:
        replicas, numbers = group
        dtype = parts["root"].dtype if plan.draws_normals else jnp.int32
        noise = jnp.zeros((room, plan.batch_size, len(numbers)), dtype)

        def step(place: jax.Array, carried: Any) -> Any:
            noise, sizes, order = carried
            step_number = first + place
            drawn, order = draw(plan, parts, key, step_number, replicas._replace(order=order), numbers)
            return noise.at[place].set(drawn.noise), sizes.at[place].set(drawn.size), order

        return lax.fori_loop(np.uint32(0), count, step, (noise, jnp.zeros(room, jnp.int32), replicas.order))

    return _each_group(mesh, run, (replicas, numbers), parts, key, first, count)


@compiled
def accumulate(plan, mesh, parts, key, replicas, numbers, first, looks, gaps):
    """Return the replicas after ``looks`` looks and the sums over them: see ``Block.accumulate``.

    ``gaps`` are the steps to the first lag, from lag to lag, and from the last one to the next look. The sums are
    (groups, replicas, d), (groups, replicas, d, d), (groups, lags, replicas, d, d), for the states and the companions.
    """

    def run(group: Any, parts: Parts, key: Key, first: jax.Array, looks: jax.Array, gaps: jax.Array) -> Any:
        replicas, numbers = group
        whole, lags = gaps.sum(dtype=jnp.uint32), len(gaps) - 1

        def seen(replicas: Replicas) -> tuple[jax.Array, ...]:
            return (replicas.state, replicas.companion) if plan.companion else (replicas.state,)

        def look(number: jax.Array, carried: Any) -> Any:
            replicas, sums = carried
            start, now = first + number * whole, seen(replicas)
            sums = [(one + e, two + _outer(e, e), lagged) for (one, two, lagged), e in zip(sums, now, strict=True)]

            def segment(place: jax.Array, carried: Any) -> Any:
                replicas, products, start = carried
                replicas = _own_steps(plan, parts, key, replicas, numbers, start, gaps[place])
                products = tuple(
                    lagged.at[place].add(_outer(later, e))
                    for lagged, later, e in zip(products, seen(replicas), now, strict=True)
                )
                return replicas, products, start + gaps[place]

            products = tuple(lagged for _, _, lagged in sums)
            if lags:  # a loop is traced even if it is empty
                begin = (replicas, products, start)
                replicas, products, start = lax.fori_loop(np.int32(0), np.int32(lags), segment, begin)
            replicas = _own_steps(plan, parts, key, replicas, numbers, start, gaps[lags])
            return replicas, [(one, two, lagged) for (one, two, _), lagged in zip(sums, products, strict=True)]

        zeros = []
        for e in seen(replicas):
            square = _outer(e, e)
            zeros.append((0 * e, 0 * square, jnp.zeros((lags, *square.shape), e.dtype)))
        return lax.fori_loop(np.uint32(0), looks, look, (replicas, zeros))

    return _each_group(mesh, run, (replicas, numbers), parts, key, first, looks, gaps)


def _outer(later: jax.Array, earlier: jax.Array) -> jax.Array:
    return later[:, :, None] * earlier[:, None, :]
