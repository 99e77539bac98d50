"""Powers of a linear map at many times at once, by repeated squaring: no eigenvectors, so a defective map is no case.

About log2 of the last time squarings are shared by all times; at each of them the times whose number has that binary
digit are moved on. The diagonal of a power is kept beside its difference from one, so that a mode that moves by 1e-12
in a step keeps its digits over 1e12 steps.
"""

from __future__ import annotations

import numpy as np


def doubled(change: np.ndarray, start: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the states L^t start for each time t, shape (..., k, T).

    Parameters
    ----------
    change
        (..., k, k): L minus one; leading places are separate maps.
    start
        (..., k).
    times
        (T,) whole numbers >= 0, in any order.

    Returns
    -------
    numpy.ndarray
        (..., k, T); infinite or NaN where a map has grown beyond floating point.

    Examples
    --------
    >>> doubled(np.array([[-0.5]]), np.array([8.0]), np.array([0, 1, 3]))
    array([[8., 4., 1.]])
    """
    k, digits = change.shape[-1], int(times.max(initial=0)).bit_length()
    below, power = np.diagonal(change, axis1=-2, axis2=-1).copy(), np.array(change, dtype=float)
    power[..., range(k), range(k)] = 1 + below
    states = np.repeat(np.asarray(start, dtype=float)[..., None], len(times), axis=-1)
    with np.errstate(over="ignore", invalid="ignore"):
        for digit in range(digits):
            on = (times >> digit & 1).astype(bool)
            states[..., on] = power @ states[..., on]
            if digit + 1 < digits:
                power, below = _squared(power, below)
    return states


def _squared(power: np.ndarray, below: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the square of a map, and the square's diagonal minus one."""
    places = range(power.shape[-1])
    hollow, diagonal = power.copy(), 1 + below
    hollow[..., places, places] = 0.0
    rest = np.einsum("...ij,...ji->...i", hollow, hollow)
    near = np.abs(below) < 0.5
    below = np.where(near, below * (2 + below) + rest, diagonal**2 + rest - 1)
    square = power @ power
    square[..., places, places] = np.where(near, 1 + below, diagonal**2 + rest)
    return square, below
