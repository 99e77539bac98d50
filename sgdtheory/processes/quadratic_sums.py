"""SGD on a finite sum of quadratics: a step sees the curvatures and slopes of its own samples."""

from __future__ import annotations

from typing import Any


def gradient(parameters: Any, batch: Any) -> Any:
    """Return the mini-batch gradient of 1/2 theta'A theta - b'theta.

    ``batch`` lists pairs (A, b), A of shape (d, d, ...) and b of shape (d, ...) like the parameters.
    """
    total = 0 * parameters
    for curvature, slope in batch:
        total = total + (curvature * parameters).sum(axis=1) - slope
    return total / len(batch)
