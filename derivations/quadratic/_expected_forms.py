"""Steps that results on the loss and on the gradient share: the expectation of a quadratic form of the state."""

from collections.abc import Callable

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic._premises import n_i, pair_of_modes, x_i
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ii, C_ij, eta, lambda_i, lambda_j

Quantity = Callable[[Derivation], tuple[str, sp.Expr]]


def excess_loss(d: Derivation) -> tuple[str, sp.Expr]:
    """State the loss of one mode, the integral of its gradient."""
    u = sp.Symbol("u", real=True)
    part = d.add(
        "The loss above its minimum is a sum over modes; mode i contributes the integral of its gradient",
        "L - L*, mode i",
        sp.integrate(lambda_i * u, (u, 0, x_i)),
        lambda_i * x_i**2 / 2,
    )
    return "E[L] - L*, mode i", part


def gradient_norm(d: Derivation) -> tuple[str, sp.Expr]:
    """State the squared gradient of one mode."""
    part = d.add(
        "The squared norm of the gradient is a sum over modes; mode i contributes",
        "|grad L|^2, mode i",
        sp.diff(lambda_i * x_i**2 / 2, x_i) ** 2,
        (lambda_i * x_i) ** 2,
    )
    return "E|grad L|^2, mode i", part


def expected(quantity: Quantity, covariance: sp.Expr, mean: sp.Expr = sp.S.Zero) -> Derivation:
    """Derive the expectation of a quantity from the covariance and mean of the state; without a mean, stationary."""
    d = Derivation(additive_noise)
    first, _ = pair_of_modes(d)
    shown, part = quantity(d)
    variance = d.add(
        "Variance of mode i: the covariance with j = i", "Var[x_i]", covariance.subs({lambda_j: lambda_i, C_ij: C_ii})
    )
    if mean == 0:
        d.add(
            "Each step multiplies the mean by 1 - eta lambda_i, so from every start it tends to zero",
            "E[x_i']",
            expectation(first, {x_i: x_i, n_i: 0}, {}),
            (1 - eta * lambda_i) * x_i,
        )
    else:
        d.add("Mean of mode i after t steps, a result of its own", "E[x_i]", mean)
    weight = sp.cancel(part / x_i**2)
    d.add(
        "Expectation of a square: variance plus squared mean",
        shown,
        expectation(part, {x_i: mean}, {(x_i, x_i): variance}),
        weight * (variance + mean**2),
    )
    return d
