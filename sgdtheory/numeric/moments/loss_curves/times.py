"""At which steps a curve is worked out."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from sgdtheory.errors import DomainError, ShapeError
from sgdtheory.numeric.engine.plan import recorded_steps
from sgdtheory.numeric.scalars import whole_number

POINTS = 500
LARGEST = 2**62


def times_of(steps: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the different steps in ascending order, and at which place of them each of those asked for stands.

    Examples
    --------
    >>> times_of([7, 0, 7])
    (array([0, 7]), array([1, 0, 1]))
    >>> len(times_of(10**9)[0])
    447
    """
    if np.ndim(steps) == 0:
        last = _whole(steps)
        every = np.arange(last + 1) if last <= POINTS else np.array(recorded_steps(last, POINTS))
        return every, np.arange(len(every))
    if np.ndim(steps) > 1 or len(steps) == 0:
        raise ShapeError(
            "steps is no list of steps",
            got=f"shape {np.shape(steps)}",
            allowed="an int, or a sequence (T,) of at least one",
            mend="hand in, for example, [0, 10, 100]",
        )
    return np.unique(np.array([_whole(step) for step in steps]), return_inverse=True)


def _whole(step: Any) -> int:
    number = operator.index(whole_number("steps", step, least=0, symbols=False))
    if number > LARGEST:
        raise DomainError(
            "steps is too large", got=number, allowed=f"at most {LARGEST}", mend="take the stationary law instead"
        )
    return number
