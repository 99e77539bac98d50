"""The variance of accelerated SGD in a limit of small learning rates: exact recursions, extrapolated to zero."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sympy as sp

from sgdtheory.processes.forms import Arm, weighted
from sgdtheory.processes.observables import Moment, Recursion
from sgdtheory.processes.process import Environment, Process
from sgdtheory.processes.spread import mode_squares

BITS = 240  # of the fixed-point numbers; their rounding errors are not amplified, for the recursion forgets


@dataclass(frozen=True)
class LimitOfVariance:
    """The limit of the variance along each mode over the time step as that tends to zero at a fixed time.

    It is times the point's own time step, which makes it what the limit says of the point. The recursion of the
    process is run with the time step halved again and again, and the results are extrapolated to zero.

    Attributes
    ----------
    description
        What it is, for a reader.
    halvings
        How often the time step is halved.
    slow
        Whether the fixed time is learning rate times steps, and the limit that of the variance itself; else it is
        time step times steps.
    """

    description: str
    halvings: int
    slow: bool = False

    def value(self, process: Process, point: Mapping[str, Any], recursion: Recursion) -> list[Any]:
        """Return the limit for each mode."""
        (env,) = process.environments(point)
        return [self._limit(process, env, point, mode) for mode in range(len(env.minimum))]

    def arms(self, process: Process, point: Mapping[str, Any], claim: Sequence[Any], recursion: Recursion) -> list[Arm]:
        """Return runs at the point itself; its exact variance over the limit is a known factor, which is taken out."""
        (arm,) = Moment(self.description, mode_squares, time="steps").arms(process, point)
        found = recursion.expectations(process, [arm])
        pairs = zip(self.value(process, point, recursion), found, arm.forms, strict=True)
        forms = [
            weighted([(limit / sp.Rational(here.numerator, here.denominator), form)]) for limit, here, form in pairs
        ]
        return [Arm(arm.environment, arm.branches, arm.time, tuple(forms))]

    def expected(self, point: Mapping[str, Any], claim: Sequence[Any]) -> list[Any]:
        """Return the claim: it is the expectation itself."""
        return list(claim)

    def _limit(self, process: Process, env: Environment, point: Mapping[str, Any], mode: int) -> sp.Rational:
        rate, steps = point["learning_rate"], int(point["steps"])
        found = []
        for halving in range(self.halvings + 1):
            share = sp.Rational(1, 2) ** (halving if self.slow else 2 * halving)
            variance = variance_after(process, env, rate * share, steps * 2**halving, mode)
            found.append(variance if self.slow else variance * 2**halving)
        return sp.Rational(extrapolated(found))


def variance_after(process: Process, env: Environment, rate: Any, steps: int, mode: int) -> Fraction:
    """Return the variance along a mode after so many steps from the minimum, to BITS binary places or so.

    The step is read off the process's own move, for the displacement x along the mode, the last step w and the noise n
    along the mode; then E x^2, E x w and E w^2 are iterated in fixed-point numbers.
    """
    along = env.basis[:, mode]
    variance = (along.T * env.noise.covariance * along)[0]

    def moved(x: int, w: int, n: int, momentum: int) -> Any:
        after, _ = process.move(
            env.minimum + x * along, w * along, n * along, learning_rate=rate, momentum=momentum, **env.model
        )
        return (along.T * (after - env.minimum))[0]

    a, added = (int(number * (1 << BITS)) for number in (moved(1, 0, 0, 0), moved(0, 0, 1, 0) ** 2 * variance))
    if moved(0, 1, 0, 0) != 0 or moved(0, 1, 0, 1) != moved(1, 0, 0, 0):
        raise TypeError(f"{process.name!r} does not take its gradient at the parameters plus momentum times last step")
    return Fraction(_iterated(a, added, steps, process.schedule), 1 << BITS)


@lru_cache(maxsize=64)
def _iterated(a: int, added: int, steps: int, schedule: Any) -> int:
    """Return E x^2 after x' = a (x + mu w) + noise of this variance, steps times from zero; numbers times 2^BITS."""
    square, cross, step = 0, 0, 0  # E x^2, E x w, E w^2
    for taken in range(steps):
        above, below = map(int, schedule(taken).as_numer_denom())
        ahead = square + (2 * above * cross + above * above * step // below) // below  # E (x + mu w)^2
        both = a * (square + above * cross // below) >> BITS  # E x x'
        after = (a * (a * ahead >> BITS) >> BITS) + added
        square, cross, step = after, after - both, after - 2 * both + square
    return square


def extrapolated(values: Sequence[Any]) -> Any:
    """Return the limit of values whose errors are a power series in a number that halves from one to the next."""
    row = list(values)
    for order in range(1, len(row)):
        row = [(2**order * late - early) / (2**order - 1) for early, late in pairwise(row)]
    return row[0]
