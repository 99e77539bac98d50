"""Steps that results on features of one variance share: all modes are alike, and one number says where the run is."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._modes import share_of_a_mode, square_after_a_step
from sgdtheory.derivations.gaussian_features._premises import T, x_i
from sgdtheory.symbols import d as dimension
from sgdtheory.symbols import eta, lambda_i, lambda_max, m, sigma_y2

# The sum of x_i^2 over all modes.
R = sp.Symbol("R", nonnegative=True)


def spread_after_a_step(d: Derivation) -> sp.Expr:
    """Derive the expectation of |x|^2 after a step from its value before."""
    square = square_after_a_step(d).subs(lambda_i, lambda_max)
    by_mode, rest = (sp.expand(square).coeff(x_i, power) for power in (2, 0))
    factor = 1 - 2 * eta * lambda_max + eta**2 * lambda_max**2 * (m + dimension + 1) / m
    return d.add(
        "All d curvatures are lambda: sum over modes, R being the sum of x_i^2, of which T is lambda times",
        "E[R']",
        by_mode * R + dimension * rest.subs(T, lambda_max * R),
        factor * R + eta**2 * lambda_max * dimension * sigma_y2 / m,
    )


def gain_of_all_modes(d: Derivation) -> sp.Expr:
    """Derive the loop gain of d modes of one curvature."""
    share = share_of_a_mode(d).subs(lambda_i, lambda_max)
    return d.add("All d curvatures are lambda: the shares add up to", "q", dimension * share)
