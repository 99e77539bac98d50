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
    """One run.

    Attributes
    ----------
    learning_rate, momentum
        The optimizer's knobs.
    start
        (d, 1); a velocity starts at zero.
    noise_scale
        A factor on the noise that all branches share.
    averaging
        The decay b of a moving average of the parameters, if one is kept: after each step average <- b average +
        (1 - b) parameters; it starts where the parameters start.
    copies
        How many old parameters a process with a memory keeps, each (d): those of the steps before, the latest first,
        or those that each worker holds.
    """

    learning_rate: sp.Expr
    start: sp.Matrix
    noise_scale: sp.Expr | int = 1
    momentum: sp.Expr | int = 0
    averaging: sp.Expr | None = None
    copies: int = 0


@dataclass(frozen=True)
class Form:
    """The number z'Qz + l'z + c of the stacked states z."""

    quadratic: sp.Matrix
    linear: sp.Matrix
    constant: sp.Expr


@dataclass(frozen=True)
class Arm:
    """Branches in one setting, looked at after ``time`` steps and again after each lag.

    The stacked z holds, for each look and in it for each branch, the parameters (d), with ``velocity`` the velocity
    (d), with ``copies`` the old parameters that are kept (d each), and where a branch keeps an average of its
    parameters that average (d), one below the other.

    Attributes
    ----------
    time
        A number of steps or STATIONARY; shuffled runs are stationary at the end of an epoch.
    lags
        Steps from the first look to each later one, increasing.
    velocity
        Whether a look sees the velocity, as ``torch.optim.SGD`` holds it; the process must carry one.
    phase
        Steps from the stationary end of an epoch to the first look.
    copies
        Whether a look sees the old parameters that are kept.
    """

    environment: Environment
    branches: tuple[Branch, ...]
    time: int | str
    forms: tuple[Form, ...]
    lags: tuple[int, ...] = ()
    velocity: bool = False
    phase: int = 0
    copies: bool = False


def squared(matrix: sp.Matrix, centre: sp.Matrix, *, copy: int = 0, copies: int = 1) -> Form:
    """Return the form (x - c)'M(x - c) of one of the stacked states."""
    return product(matrix, centre, first=copy, second=copy, copies=copies)


def product(
    matrix: sp.Matrix,
    centre: sp.Matrix,
    *,
    first: int,
    second: int,
    copies: int,
    second_centre: sp.Matrix | None = None,
) -> Form:
    """Return the form (x - c)'M(y - c) of two of the stacked states; y may have a centre of its own."""
    other = centre if second_centre is None else second_centre
    d = len(centre)
    quadratic, linear = sp.zeros(copies * d, copies * d), sp.zeros(copies * d, 1)
    quadratic[first * d : (first + 1) * d, second * d : (second + 1) * d] = matrix
    linear[first * d : (first + 1) * d, 0] -= matrix * other
    linear[second * d : (second + 1) * d, 0] -= matrix.T * centre
    return Form((quadratic + quadratic.T) / 2, linear, (centre.T * matrix * other)[0])


def weighted(terms: Sequence[tuple[Any, Form]], constant: Any = 0) -> Form:
    """Return a linear combination of forms plus a constant."""
    first = terms[0][1]
    quadratic, linear = sp.zeros(*first.quadratic.shape), sp.zeros(*first.linear.shape)
    for weight, form in terms:
        quadratic, linear = quadratic + weight * form.quadratic, linear + weight * form.linear
        constant = constant + weight * form.constant
    return Form(quadratic, linear, constant)


def coordinates(directions: sp.Matrix, centre: sp.Matrix, *, copy: int = 0, copies: int = 1) -> tuple[Form, ...]:
    """Return the forms v'(x - c) of one of the stacked states, one per column v."""
    d = len(centre)
    found = []
    for i in range(directions.shape[1]):
        linear = sp.zeros(copies * d, 1)
        linear[copy * d : (copy + 1) * d, 0] = directions[:, i]
        found.append(Form(sp.zeros(copies * d, copies * d), linear, -(directions[:, i].T * centre)[0]))
    return tuple(found)


def deviations(env: Environment) -> tuple[Form, ...]:
    """Return the coordinates of the state about the minimum."""
    return coordinates(sp.eye(len(env.minimum)), env.minimum)


def modes(env: Environment) -> tuple[Form, ...]:
    """Return the coordinates of the state about the minimum along the eigenvectors."""
    return coordinates(env.basis, env.minimum)


def all_products(
    centre: sp.Matrix, *, first: int = 0, second: int = 0, copies: int = 1, velocities: Sequence[int] = ()
) -> tuple[Form, ...]:
    """Return the products of a coordinate of one stacked state with one of another; velocities are not centred."""
    d = len(centre)
    centres = [sp.zeros(d, 1) if copy in velocities else centre for copy in (first, second)]
    return tuple(
        product(
            sp.Matrix(d, d, lambda a, b, i=i, j=j: int((a, b) == (i, j))),
            centres[0],
            first=first,
            second=second,
            copies=copies,
            second_centre=centres[1],
        )
        for i in range(d)
        for j in range(d)
    )


def products(env: Environment) -> tuple[Form, ...]:
    """Return the products of two coordinates about the minimum."""
    return all_products(env.minimum)


def products_about_truth(env: Environment) -> tuple[Form, ...]:
    """Return the products of two coordinates about the optimum of the population."""
    return all_products(env.truth)


def lagged_products(env: Environment) -> tuple[Form, ...]:
    """Return the products of a coordinate at the later look with one at the earlier."""
    return all_products(env.minimum, first=1, copies=2)


def velocity_products(env: Environment) -> tuple[Form, ...]:
    """Return the products of two coordinates of the velocity, of a look that sees it."""
    return all_products(env.minimum, first=1, second=1, copies=2, velocities=(1,))


def cross_products(env: Environment) -> tuple[Form, ...]:
    """Return the products of a coordinate about the minimum with one of the velocity, of a look that sees it."""
    return all_products(env.minimum, second=1, copies=2, velocities=(1,))


def average_products(env: Environment) -> tuple[Form, ...]:
    """Return the products of two coordinates about the minimum of a kept average of the parameters."""
    return all_products(env.minimum, first=1, second=1, copies=2)


def along_two_modes(env: Environment) -> tuple[Form, ...]:
    """Return the product of the coordinates about the minimum along the first two eigenvectors."""
    return (product(env.basis[:, 0] * env.basis[:, 1].T, env.minimum, first=0, second=0, copies=1),)


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
