"""SGD on the mean of a per-sample loss: each step follows the gradients of the samples in its own batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sgdtheory.processes.update import update

Average = Callable[[Callable[[Any], Any]], Any]


def gradient(parameters: Any, average: Average, *, sample_gradient: Callable[[Any, Any], Any]) -> Any:
    """Return the mini-batch gradient: ``average`` takes a function of one sample to its mean over the batch."""
    return average(lambda sample: sample_gradient(parameters, sample))


def step(parameters: Any, average: Average, *, learning_rate: Any, sample_gradient: Callable[[Any, Any], Any]) -> Any:
    """Return the parameters after one step of plain SGD."""
    drawn = gradient(parameters, average, sample_gradient=sample_gradient)
    return update(parameters, 0 * drawn, drawn, learning_rate=learning_rate)[0]
