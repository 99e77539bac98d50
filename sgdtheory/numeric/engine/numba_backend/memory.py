"""What kernels share: where things stand in memory, the optimizer's knobs, and its update."""

from __future__ import annotations

import types
from typing import NamedTuple

from numba.extending import overload, register_jitable

from sgdtheory.numeric.engine.numba_backend.vectors import load, store, zeros_like
from sgdtheory.processes import update as written

# The very code of ``processes.update.update``; Numba only takes its arguments by position.
_code = written.update.__code__
_by_position = _code.replace(co_argcount=_code.co_argcount + _code.co_kwonlyargcount, co_kwonlyargcount=0)
update = register_jitable(types.FunctionType(_by_position, vars(written)))


class Knobs(NamedTuple):
    """What is the same for all steps.

    ``heavy`` says whether there are velocities, ``coupled`` whether there is a control variate.
    """

    dimension: int
    momentum: float
    nesterov: bool
    heavy: bool
    coupled: bool


class DelayedKnobs(NamedTuple):
    """The knobs of SGD whose gradient is taken ``delay`` steps before the present point."""

    dimension: int
    momentum: float
    nesterov: bool
    heavy: bool
    coupled: bool
    delay: int


class Memory(NamedTuple):
    """Addresses. States are blocks of ``size`` numbers: points, velocities, control variates, their velocities.

    With a delay all of these blocks stand there delay + 1 times, the oldest points first, for that is where gradients
    are taken; the velocities are those of the first time.

    ``vectors`` are blocks of a unit's width: learning rate, diagonal, drift, curvatures. A unit is what one vector or
    loop holds: one replica's numbers side by side, or column after column those of some replicas.
    """

    table: int
    vectors: int
    state: int
    scratch: int
    size: int


@register_jitable
def blocks(knobs):
    """Return how many blocks of the state belong to one time."""
    return (2 if knobs.heavy else 1) * (2 if knobs.coupled else 1)


def delay(knobs):
    """Return the delay."""
    raise NotImplementedError("compiled code only")


@overload(delay)
def _delay(knobs):
    return (lambda knobs: knobs.delay) if knobs.instance_class is DelayedKnobs else lambda knobs: 0


def move(point, gradient, rate, state, at, velocity_at, knobs):
    """Update a point that stands at ``at``, and its velocity if there is one, by the gradient there."""
    raise NotImplementedError("compiled code only")


@overload(move)
def _move(point, gradient, rate, state, at, velocity_at, knobs):
    return _move_on if knobs.instance_class is DelayedKnobs else _move_at_once


@register_jitable
def _move_at_once(point, gradient, rate, state, at, velocity_at, knobs):
    if knobs.heavy:
        velocity = load(state, velocity_at, point)
        point, velocity = update(point, velocity, gradient, rate, knobs.momentum, knobs.nesterov)
        store(state, velocity_at, velocity)
    else:
        point, _ = update(point, zeros_like(point), gradient, rate, 0.0, False)
    store(state, at, point)


def _move_on(point, gradient, rate, state, at, velocity_at, knobs):
    later = (velocity_at - at) * blocks(knobs)
    now = load(state, at + knobs.delay * later, point)
    for place in range(at, at + knobs.delay * later, later):
        store(state, place, load(state, place + later, point))
    _move_at_once(now, gradient, rate, state, at + knobs.delay * later, velocity_at, knobs)
