"""Floating-point numbers as the integers that they are up to a power of two, and signs of quadratic forms."""

from __future__ import annotations

from typing import Any

import numpy as np


def as_integers(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return Python integers n, (D,) in an array of objects, and an exponent e with values = n 2^e exactly.

    Examples
    --------
    >>> numbers, exponent = as_integers(np.array([0.5, 3.0, -0.25]))
    >>> numbers.tolist(), exponent
    ([2, 12, -1], -2)
    """
    mantissas, exponents = np.frexp(values)
    whole = [int(mantissa) for mantissa in np.ldexp(mantissas, 53)]
    # Each as an odd number times a power of two, so that the integers are as short as can be.
    spare = [(number & -number).bit_length() - 1 if number else 0 for number in whole]
    places = [int(e) - 53 + zeros for e, zeros in zip(exponents, spare, strict=True)]
    least = min((place for place, number in zip(places, whole, strict=True) if number), default=0)
    found = [
        (number >> zeros) << (place - least) if number else 0
        for number, zeros, place in zip(whole, spare, places, strict=True)
    ]
    return np.array(found, dtype=object), least


def lowest_eigenvalue(matrix: Any) -> float:
    """Return the least eigenvalue of a symmetric matrix of numbers scaled to diagonal one; zero if it is rounding."""
    numbers = np.array(matrix, dtype=float)
    if not np.isfinite(numbers).all():  # cannot be judged; whoever computes with them finds the overflow
        return 0.0
    sizes = np.sqrt(np.abs(np.diagonal(numbers)))
    sizes = np.where(sizes > 0, sizes, 1.0)
    lowest = float(np.linalg.eigvalsh(numbers / sizes[:, None] / sizes)[0])
    return 0.0 if abs(lowest) <= 1e-12 * len(numbers) else lowest
