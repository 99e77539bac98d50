"""Quadratic forms of what is seen of a run, and the arms in which they are looked at.

An *arm* is a setting, runs that share their noise, the times at which they are looked at, and quadratic forms of
what is seen. The exact recursion gives the forms' expectations without Monte-Carlo noise; the simulator averages
the same forms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp

from sgdtheory.processes.process import Environment

STATIONARY = "stationary"


@dataclass(frozen=True)
class Branch:
    """One run: its learning rate, its start (d, 1) and a factor on the noise that all branches share."""

    learning_rate: sp.Expr
    start: sp.Matrix
    noise_scale: sp.Expr | int = 1


@dataclass(frozen=True)
class Form:
    """The number z'Qz + l'z + c of the stacked states z."""

    quadratic: sp.Matrix
    linear: sp.Matrix
    constant: sp.Expr


@dataclass(frozen=True)
class Arm:
    """Branches in one setting, looked at after ``time`` steps and, with a lag, again ``lag`` steps later.

    ``time`` is a number of steps or STATIONARY. The stacked z holds the branches' states one below the other, then
    those of the second look.
    """

    environment: Environment
    branches: tuple[Branch, ...]
    time: int | str
    forms: tuple[Form, ...]
    lag: int | None = None


def squared(matrix: sp.Matrix, centre: sp.Matrix, *, copy: int = 0, copies: int = 1) -> Form:
    """Return the form (x - c)'M(x - c) of one of the stacked states."""
    return product(matrix, centre, first=copy, second=copy, copies=copies)


def product(matrix: sp.Matrix, centre: sp.Matrix, *, first: int, second: int, copies: int) -> Form:
    """Return the form (x - c)'M(y - c) of two of the stacked states."""
    d = len(centre)
    quadratic, linear = sp.zeros(copies * d, copies * d), sp.zeros(copies * d, 1)
    quadratic[first * d : (first + 1) * d, second * d : (second + 1) * d] = matrix
    linear[first * d : (first + 1) * d, 0] -= matrix * centre
    linear[second * d : (second + 1) * d, 0] -= matrix.T * centre
    return Form((quadratic + quadratic.T) / 2, linear, (centre.T * matrix * centre)[0])


def weighted(terms: Sequence[tuple[Any, Form]], constant: Any = 0) -> Form:
    """Return a linear combination of forms plus a constant."""
    first = terms[0][1]
    quadratic, linear = sp.zeros(*first.quadratic.shape), sp.zeros(*first.linear.shape)
    for weight, form in terms:
        quadratic, linear = quadratic + weight * form.quadratic, linear + weight * form.linear
        constant = constant + weight * form.constant
    return Form(quadratic, linear, constant)


def coordinates(directions: sp.Matrix, centre: sp.Matrix) -> tuple[Form, ...]:
    """Return the forms v'(x - c), one per column v."""
    d = len(centre)
    return tuple(
        Form(sp.zeros(d, d), directions[:, i], -(directions[:, i].T * centre)[0]) for i in range(directions.shape[1])
    )


def deviations(env: Environment) -> tuple[Form, ...]:
    """Return the coordinates of the state about the minimum."""
    return coordinates(sp.eye(len(env.minimum)), env.minimum)


def _products(centre: sp.Matrix, copies: int) -> tuple[Form, ...]:
    d, last = len(centre), copies - 1
    units = [[sp.Matrix(d, d, lambda a, b, i=i, j=j: int((a, b) == (i, j))) for j in range(d)] for i in range(d)]
    return tuple(product(units[i][j], centre, first=last, second=0, copies=copies) for i in range(d) for j in range(d))


def products(env: Environment) -> tuple[Form, ...]:
    """Return the products of two coordinates about the minimum."""
    return _products(env.minimum, 1)


def products_about_truth(env: Environment) -> tuple[Form, ...]:
    """Return the products of two coordinates about the optimum of the population."""
    return _products(env.truth, 1)


def lagged_products(env: Environment) -> tuple[Form, ...]:
    """Return the products of a coordinate at the later look with one at the earlier."""
    return _products(env.minimum, 2)


def loss(env: Environment) -> tuple[Form, ...]:
    """Return the training loss above its minimum."""
    return (squared(env.hessian / 2, env.minimum),)


def gradient_norm(env: Environment) -> tuple[Form, ...]:
    """Return the squared norm of the full gradient."""
    return (squared(env.hessian**2, env.minimum),)


def test_loss(env: Environment) -> tuple[Form, ...]:
    """Return the population loss above that of the true optimum."""
    return (squared(env.hessian / 2, env.truth),)


def batch_test_loss(env: Environment) -> tuple[Form, ...]:
    """Return the population loss of the training optimum above that of the true one: no run enters."""
    d, offset = len(env.minimum), env.minimum - env.truth
    return (Form(sp.zeros(d, d), sp.zeros(d, 1), (offset.T * env.hessian * offset)[0] / 2),)


def test_loss_above_batch(env: Environment) -> tuple[Form, ...]:
    """Return the population loss above that of the training optimum, where batch gradient descent ends."""
    offset = env.minimum - env.truth
    batch = (offset.T * env.hessian * offset)[0] / 2
    return (weighted([(1, squared(env.hessian / 2, env.truth))], -batch),)


def test_minus_train(law: Sequence[Any]) -> Callable[[Environment], tuple[Form, ...]]:
    """Return the form of test loss minus training loss for centres drawn from a finite law."""

    def forms(env: Environment) -> tuple[Form, ...]:
        half = env.hessian / 2
        test = [(chance, squared(half, env.basis * sp.Matrix(centre))) for centre, chance in law]
        samples = env.noise.samples
        train = [(-sp.Rational(1, len(samples)), squared(half, centre)) for centre in samples]
        return (weighted(test + train),)

    return forms
