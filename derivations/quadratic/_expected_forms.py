"""Steps that results on the loss and on the gradient share: the expectation of a quadratic form of the state."""

from collections.abc import Callable

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.quadratic._premises import mean_of_the_step, x_i
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ii, C_ij, lambda_i, lambda_j

Quantity = Callable[[Derivation], tuple[str, sp.Expr]]


def slope(displacement: sp.Expr) -> sp.Expr:
    """Return the full gradient along mode i, that of the process without its noise."""
    along = {"curvature": sp.Matrix([[lambda_i]]), "minimum": sp.zeros(1, 1)}
    return additive_noise.gradient(sp.Matrix([displacement]), sp.zeros(1, 1), **along)[0]


def excess_loss(d: Derivation) -> tuple[str, sp.Expr]:
    """Derive the loss of one mode, the integral of its gradient."""
    part = d.add(
        "The loss above its minimum is a sum over modes; mode i contributes the integral of its gradient",
        "L - L*, mode i",
        sp.integrate(slope(x_i), (x_i, 0, x_i)),
        lambda_i * x_i**2 / 2,
    )
    return "E[L] - L*, mode i", part


def gradient_norm(d: Derivation) -> tuple[str, sp.Expr]:
    """Derive the squared gradient of one mode."""
    part = d.add(
        "The squared norm of the gradient is a sum over modes; mode i contributes",
        "|grad L|^2, mode i",
        slope(x_i) ** 2,
        (lambda_i * x_i) ** 2,
    )
    return "E|grad L|^2, mode i", part


def expected(quantity: Quantity, covariance: sp.Expr, mean: sp.Expr | None = None) -> Derivation:
    """Derive the expectation of a quantity from the covariance and mean of the state; without a mean, stationary."""
    d = Derivation(additive_noise)
    if mean is None:
        mean = stationary_mean(d)
    else:
        mean = d.add(
            "Mean of the displacement x = theta - theta* along mode i after t steps, a result of its own",
            "E[x_i]",
            mean,
            mean,
        )
    shown, part = quantity(d)
    variance = d.add(
        "Variance of mode i: the covariance with j = i", "Var[x_i]", covariance.subs({lambda_j: lambda_i, C_ij: C_ii})
    )
    weight = sp.cancel(part / x_i**2)
    d.add(
        "Expectation of a square: variance plus squared mean",
        shown,
        expectation(part, {x_i: mean}, {(x_i, x_i): variance}),
        weight * (variance + mean**2),
    )
    return d


def stationary_mean(d: Derivation) -> sp.Expr:
    """Derive the mean to which the step of a mode leads."""
    after = mean_of_the_step(d)
    return d.add(
        "Each step multiplies it by 1 - eta lambda_i: from every start it tends to the solution of E[x_i'] = x_i",
        "E[x_i]",
        fixed_point(*coefficients(after, x_i)),
        sp.Integer(0),
    )
