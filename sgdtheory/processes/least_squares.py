"""SGD on least squares: the curvature that a step sees is that of its own samples."""

from __future__ import annotations

from typing import Any


def gradient(parameters: Any, batch: Any, *, ridge: Any) -> Any:
    """Return the mini-batch gradient of 1/2 (x'theta - y)^2 + 1/2 ridge |theta|^2.

    ``batch`` lists pairs (features, target), features of shape (d, ...) like the parameters, target of shape (...).
    """
    total = ridge * len(batch) * parameters
    for features, target in batch:
        total = total + features * ((features * parameters).sum(axis=0) - target)
    return total / len(batch)
