"""The variance of exit times at arrays, by mpmath number by number."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np

from sgdtheory.algebra.exit_variance import derivative

BITS = 60


def exit_variance(a: Any, order: int = 0) -> Any:
    """Return ``ExitVariance``, or its derivative of an order, at numbers or arrays.

    Examples
    --------
    >>> round(float(exit_variance(1.0)), 12)
    0.317883794129
    """
    found = np.frompyfunc(lambda number: float(derivative(mpmath.mpf(float(number)), order, BITS)), 1, 1)(a)
    return np.asarray(found, dtype=float)[()]
