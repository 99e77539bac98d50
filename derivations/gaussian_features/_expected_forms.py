"""The loss and the gradient of one mode, from the mean gradient of the process."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._premises import x_i
from sgdtheory.symbols import lambda_i


def slope(d: Derivation) -> sp.Expr:
    """Return the full gradient along mode i: that of a batch whose features have their own covariance."""
    batch = sp.Matrix([[lambda_i]]), sp.zeros(1, 1)
    return d.process.gradient(sp.Matrix([x_i]), batch, minimum=sp.zeros(1, 1))[0]


def loss(d: Derivation) -> sp.Expr:
    """Derive the loss of one mode, the integral of its gradient."""
    return d.add(
        "The loss above its minimum is a sum over modes; mode i contributes the integral of its gradient",
        "L - L*, mode i",
        sp.integrate(slope(d), (x_i, 0, x_i)),
        lambda_i * x_i**2 / 2,
    )


def gradient_norm(d: Derivation) -> sp.Expr:
    """Derive the squared gradient of one mode."""
    return d.add(
        "The squared norm of the gradient is a sum over modes; mode i contributes",
        "|grad L|^2, mode i",
        slope(d) ** 2,
        (lambda_i * x_i) ** 2,
    )
