"""Derivation of the excess loss with a matrix learning rate from the covariance."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._matrix_rate import pair_of_modes
from sgdtheory.derivations.momentum._premises import ONE_MODE
from sgdtheory.derivations.quadratic._premises import n_i, x_i
from sgdtheory.momentum import matrix_rate_covariance
from sgdtheory.processes.matrix_rate import matrix_rate_with_momentum
from sgdtheory.symbols import lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(matrix_rate_with_momentum)
    pair_of_modes(d)
    along = {"factor": sp.eye(1), "curvature": sp.Matrix([[lambda_i]]), "minimum": sp.zeros(1, 1)}
    slope = matrix_rate_with_momentum.gradient(sp.Matrix([x_i]), sp.Matrix([n_i]), **along)[0].subs(n_i, 0)
    part = d.add(
        "The loss is the same number at phi and at theta; mode i of phi contributes the integral of its gradient",
        "L - L*, mode i",
        sp.integrate(slope, (x_i, 0, x_i)),
        lambda_i * x_i**2 / 2,
    )
    variance = d.add(
        "Variance along mode i: the covariance, a result of its own, with j = i",
        "Var[x_i]",
        matrix_rate_covariance.value.subs(ONE_MODE),
    )
    d.add("The mean is zero", "E[L] - L*, mode i", sp.cancel(part / x_i**2) * variance)
    return d
