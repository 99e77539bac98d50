"""Steps that results on the loss and on the gradient share: the expectation of the square of a mode's displacement."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.reshuffling._premises import x_i
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ii, C_ij, lambda_i, lambda_j


def slope(displacement: sp.Expr) -> sp.Expr:
    """Return the full gradient along mode i: that of the whole data, whose mean is the minimum."""
    return sampled_quadratics.gradient(sp.Matrix([displacement]), sp.zeros(1, 1), curvature=sp.Matrix([[lambda_i]]))[0]


def loss(d: Derivation) -> sp.Expr:
    """Derive the training loss of one mode above its minimum, the integral of its gradient."""
    return d.add(
        "The loss above its minimum is a sum over modes; mode i contributes the integral of its gradient",
        "L - L*, mode i",
        sp.integrate(slope(x_i), (x_i, 0, x_i)),
        lambda_i * x_i**2 / 2,
    )


def gradient_norm(d: Derivation) -> sp.Expr:
    """Derive the squared gradient of one mode."""
    return d.add(
        "The squared norm of the gradient is a sum over modes; mode i contributes",
        "|grad L|^2, mode i",
        slope(x_i) ** 2,
        (lambda_i * x_i) ** 2,
    )


def expected(d: Derivation, part: sp.Expr, covariance: sp.Expr, shown: str, written: sp.Expr) -> None:
    """Derive the expectation of a multiple of x_i^2 from the covariance about the minimum."""
    second = covariance.subs({lambda_j: lambda_i, C_ij: C_ii})
    d.add(
        "Its expectation takes the second moment of mode i, the covariance with j = i, as a result of its own",
        shown,
        expectation(part, {x_i: 0}, {(x_i, x_i): second}),
        written,
    )
