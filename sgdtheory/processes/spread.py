"""Forms of the parameters' spread: along each mode, over all of them, and as it returns in the noise of features."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sympy as sp

from sgdtheory.processes.forms import Form, coordinates, squared, weighted
from sgdtheory.processes.process import Environment


def mode_squares(env: Environment) -> tuple[Form, ...]:
    """Return the square of the displacement from the minimum along each eigenvector."""
    return tuple(squared(env.basis[:, i] * env.basis[:, i].T, env.minimum) for i in range(len(env.minimum)))


def mode_deviations(env: Environment) -> tuple[Form, ...]:
    """Return the displacement from the minimum along each eigenvector."""
    return coordinates(env.basis, env.minimum)


def mean_square(env: Environment) -> tuple[Form, ...]:
    """Return the square of the displacement from the minimum, averaged over the coordinates."""
    dimension = len(env.minimum)
    return (squared(sp.eye(dimension) / dimension, env.minimum),)


def returned_noise(env: Environment) -> tuple[Form, ...]:
    """Return the squared error x'Hx that the displacement makes on a fresh sample, and that with its target's noise."""
    returned = squared(env.hessian, env.minimum)
    return returned, weighted([(1, returned)], env.noise.noise_variance)


def mode_temperatures(curvature: Sequence[Any]) -> Callable[[Environment], tuple[Form, ...]]:
    """Return the squared displacement along each eigenvector times its curvature: twice the loss of that mode."""

    def forms(env: Environment) -> tuple[Form, ...]:
        pairs = zip(curvature, mode_squares(env), strict=True)
        return tuple(weighted([(weight, square)]) for weight, square in pairs)

    return forms
