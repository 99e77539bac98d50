"""Derivation of the loop gain of any linear optimizer, for features of one variance, from its gain."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.gaussian_features._premises import T, noise_of_a_batch, x_i
from sgdtheory.processes.gaussian_features import gaussian_features_with_momentum
from sgdtheory.symbols import a, eta, lambda_i, lambda_max, m, sigma_y2
from sgdtheory.symbols import d as dimension

Y = sp.Symbol("Y", nonnegative=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features_with_momentum)
    noise, _, _ = noise_of_a_batch(d)
    driven = d.add(
        "The noise is uncorrelated from step to step and, in a stationary run, of one variance. A linear optimizer"
        " makes of it a variance Y at the points where gradients are taken, eta^2 a times that of the noise",
        "Y_i",
        eta**2 * a * noise.subs(x_i**2, Y),
        eta**2 * a * lambda_i * (lambda_i * Y + T + sigma_y2) / m,
    )
    spread = d.add(
        "which holds Y itself; solved for it",
        "Y_i",
        fixed_point(*coefficients(driven, Y)),
        eta**2 * a * lambda_i * (T + sigma_y2) / (m - eta**2 * lambda_i**2 * a),
    )
    d.add(
        "T is the sum of lambda_i Y_i; all d curvatures are lambda, and what they return to T of T itself adds up to",
        "q",
        dimension * coefficients(lambda_i * spread, T)[0].subs(lambda_i, lambda_max),
        dimension * (eta * lambda_max) ** 2 * a / (m - (eta * lambda_max) ** 2 * a),
    )
    return d
