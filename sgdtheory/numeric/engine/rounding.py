"""Differences between averages that rounding alone can leave, so that no verdict is passed on them."""

from __future__ import annotations

import math

import numpy as np

from sgdtheory.problems import Problem

RELATIVE = {"float64": 1e-12, "float32": 5e-4}  # about 4500 units in the last place


def rounding_of(problem: Problem, start: np.ndarray, values: dict[str, np.ndarray], precision: str) -> dict[str, float]:
    """Return what rounding can leave of each average, given about their values; mean and covariance are among them.

    Errors are relative to the largest number in sight: the minimum, the start, the mean, a standard deviation.
    """
    spread = np.sqrt(np.abs(np.diagonal(values["covariance"])))
    seen = (problem.minimum, start, values["mean"], spread)
    size = max(float(np.abs(numbers).max(initial=0.0)) for numbers in seen)
    unit = RELATIVE[precision]
    step = unit * size  # of the parameters themselves
    sharpest = float(np.abs(problem.hessian).sum(axis=0).max(initial=0.0))
    weight = {"excess_loss": sharpest, "gradient_norm_squared": sharpest**2}
    allowed = {"mean": step}
    for name in values.keys() - {"mean"}:  # a square of (parameter + rounding)
        value = float(np.abs(values[name]).max(initial=0.0))
        heavy = weight.get(name, 1.0)
        allowed[name] = unit * value + 2 * math.sqrt(heavy * value) * step + heavy * step**2
    return allowed
