"""Derivation of the stability limit of the mean: every mode's factor must lie inside the unit circle."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients
from sgdtheory.derivations.quadratic._premises import mean_of_the_step, x_i
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import eta, lambda_i, lambda_max


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    mean = mean_of_the_step(d)
    factor, _ = coefficients(mean, x_i)
    d.add(
        "The mean converges if and only if the square of this factor is below one",
        "1 - a^2",
        1 - factor**2,
        eta * lambda_i * (2 - eta * lambda_i),
    )
    (limit,) = (root for root in sp.solve(1 - factor**2, eta) if root != 0)
    d.add(
        "For a positive curvature it is positive up to its root eta_0 = 2/lambda_i in eta",
        "1 - a^2",
        1 - factor**2,
        eta * lambda_i**2 * (limit - eta),
    )
    smallest = limit.subs(lambda_i, lambda_max)
    d.add(
        "No root lies below that of the largest curvature",
        "eta_0 - eta_max",
        limit - smallest,
        2 * (lambda_max - lambda_i) / (lambda_i * lambda_max),
    )
    d.add("so all modes converge below that one", "eta_max", smallest)
    return d
