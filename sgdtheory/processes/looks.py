"""Quadratic forms of what several looks at one run see: averages, steps, batch gradients.

All of these are linear combinations of the displacements from the minimum at the looks, and of the velocities; forms
are products of two such combinations. A function that takes numbers first returns one from a setting to its forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from sgdtheory.processes.forms import Form, weighted
from sgdtheory.processes.process import Environment

Forms = Callable[[Environment], tuple[Form, ...]]


@dataclass(frozen=True)
class Combination:
    """A linear combination of what is seen.

    Attributes
    ----------
    displacements
        The weight of the displacement from the minimum at each look.
    velocities
        The weight of the velocity at each look; empty where none is seen.
    """

    displacements: tuple[Any, ...]
    velocities: tuple[Any, ...] = ()

    def rows(self, dimension: int) -> sp.Matrix:
        """Return the (d, n) matrix that takes the stacked looks to the combination."""
        pairs = zip(self.displacements, self.velocities, strict=True) if self.velocities else zip(self.displacements)
        weights = [weight for look in pairs for weight in look]
        return sp.kronecker_product(sp.Matrix([weights]), sp.eye(dimension))


def bilinear(env: Environment, first: Combination, second: Combination, matrix: sp.Matrix) -> Form:
    """Return the form u'M w of two combinations."""
    left, right = first.rows(len(env.minimum)), second.rows(len(env.minimum))
    u, w = (sum(combination.displacements) * env.minimum for combination in (first, second))
    quadratic = left.T * matrix * right
    linear = -(left.T * matrix * w + right.T * matrix.T * u)
    return Form((quadratic + quadratic.T) / 2, linear, (u.T * matrix * w)[0])


def entries(env: Environment, first: Combination, second: Combination) -> tuple[Form, ...]:
    """Return the products of each coordinate of one combination with each of another."""
    d = len(env.minimum)
    units = [[sp.Matrix(d, d, lambda a, b, i=i, j=j: int((a, b) == (i, j))) for j in range(d)] for i in range(d)]
    return tuple(bilinear(env, first, second, units[i][j]) for i in range(d) for j in range(d))


def iterate_products(learning_rate: Any, momentum: Any) -> Forms:
    """Return the products of the iterates between Nesterov's look-ahead points, at a look that sees the velocity."""
    iterate = Combination((1,), (learning_rate * momentum,))
    return lambda env: entries(env, iterate, iterate)


def iterates_along_two_modes(learning_rate: Any, momentum: Any) -> Forms:
    """Return the product of these iterates' coordinates about the minimum along the first two eigenvectors."""
    iterate = Combination((1,), (learning_rate * momentum,))
    return lambda env: (bilinear(env, iterate, iterate, env.basis[:, 0] * env.basis[:, 1].T),)


def window_products(window: Any) -> Forms:
    """Return the products of the average of so many looks."""
    average = _average(window)
    return lambda env: entries(env, average, average)


def window_loss(window: Any) -> Forms:
    """Return the loss at the average of so many looks, above its minimum."""
    average = _average(window)
    return lambda env: (bilinear(env, average, average, env.hessian / 2),)


def average_loss(env: Environment) -> tuple[Form, ...]:
    """Return the loss at a kept average of the parameters, above its minimum."""
    kept = Combination((0, 1))  # below the parameters lies their average
    return (bilinear(env, kept, kept, env.hessian / 2),)


def more_than(horizon: str) -> Callable[[Mapping[str, Any]], range]:
    """Return the lags of looks in a row, one more than it takes to see lags up to the horizon, a word of the point."""
    return lambda point: range(1, int(point[horizon]) + 2)


def long_run_products(horizon: Any) -> Forms:
    """Return products that add up the autocovariances at lags up to the horizon, to both sides."""
    pairs = _pairs_up_to(int(horizon))

    def forms(env: Environment) -> tuple[Form, ...]:
        parts = [entries(env, one, others) for one, others in pairs]
        return tuple(weighted([(1, form) for form in same]) for same in zip(*parts, strict=True))

    return forms


def autocorrelations(horizon: Any) -> Forms:
    """Return, along each eigenvector, the sum of autocovariances up to the horizon, to both sides; then variances."""
    together, alone = _pairs_up_to(int(horizon)), _pairs_up_to(int(horizon), 0)

    def forms(env: Environment) -> tuple[Form, ...]:
        modes = [env.basis[:, i] * env.basis[:, i].T for i in range(len(env.minimum))]
        return tuple(
            weighted([(1, bilinear(env, one, others, mode)) for one, others in pairs])
            for pairs in (together, alone)
            for mode in modes
        )

    return forms


def _pairs_up_to(horizon: int, furthest: int | None = None) -> list[tuple[Combination, Combination]]:
    """Return each look with its weighted fellows, so that the products at each lag are a mean over their pairs."""
    count, furthest = horizon + 2, horizon if furthest is None else furthest
    unit = [Combination(tuple(int(a == b) for b in range(count))) for a in range(count)]
    weights = [
        tuple(sp.Rational(abs(a - b) <= furthest, count - abs(a - b)) for b in range(count)) for a in range(count)
    ]
    return [(one, Combination(others)) for one, others in zip(unit, weights, strict=True)]


def _average(window: Any) -> Combination:
    return Combination((sp.Rational(1, window),) * int(window))


def four_in_a_row(point: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the lags of four successive looks; steps and gradients are those from the second one."""
    return 1, 2, 3


HERE = Combination((0, 1, 0, 0))
STEP = Combination((0, -1, 1, 0))


def batch_gradients(learning_rate: Any, momentum: Any) -> tuple[Combination, Combination]:
    """Return the batch gradients at the second and third of four successive looks at a run with momentum.

    They are what a step has beyond the momentum of the step before.
    """
    before, here, after = -momentum / learning_rate, (1 + momentum) / learning_rate, -1 / learning_rate
    return Combination((before, here, after, 0)), Combination((0, before, here, after))


def batch_gradient_norm(learning_rate: Any, momentum: Any = sp.S.Zero) -> Forms:
    """Return the squared norm of the batch gradient."""
    gradient, _ = batch_gradients(learning_rate, momentum)
    return lambda env: (bilinear(env, gradient, gradient, _identity(env)),)


def batch_gradient_curvature(learning_rate: Any, momentum: Any = sp.S.Zero) -> Forms:
    """Return the curvature along the batch gradient."""
    gradient, _ = batch_gradients(learning_rate, momentum)
    return lambda env: (bilinear(env, gradient, gradient, env.hessian),)


def successive_gradients(learning_rate: Any, momentum: Any = sp.S.Zero) -> Forms:
    """Return the product of the batch gradient with the next one."""
    first, second = batch_gradients(learning_rate, momentum)
    return lambda env: (bilinear(env, first, second, _identity(env)),)


def squared_step(env: Environment) -> tuple[Form, ...]:
    """Return the squared length of the step."""
    return (bilinear(env, STEP, STEP, _identity(env)),)


def step_curvature(env: Environment) -> tuple[Form, ...]:
    """Return the curvature along the step."""
    return (bilinear(env, STEP, STEP, env.hessian),)


def pull(env: Environment) -> tuple[Form, ...]:
    """Return the full gradient times the displacement."""
    return (bilinear(env, HERE, HERE, env.hessian),)


def gradient_norm(env: Environment) -> tuple[Form, ...]:
    """Return the squared norm of the full gradient."""
    return (bilinear(env, HERE, HERE, env.hessian**2),)


def over(above: Forms | Callable[..., Forms], below: Forms) -> Callable[..., Any]:
    """Return numerators followed by denominators, for a ratio; numbers that the numerators need come first."""

    def forms(*given: Any) -> Any:
        if isinstance(given[0], Environment):
            return above(given[0]) + below(given[0])
        return lambda env: above(*given)(env) + below(env)

    return forms


def _identity(env: Environment) -> sp.Matrix:
    return sp.eye(len(env.minimum))
