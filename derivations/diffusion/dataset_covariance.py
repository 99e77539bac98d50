"""Derivation of the covariance over data sets after t steps: each mode goes a share of the way to its own minimum."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.diffusion._dataset import (
    b_i,
    b_j,
    covariance_of,
    covariance_of_the_mean,
    lag_behind_the_population,
    x_i,
    x_j,
)
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import eta, lambda_i, lambda_j, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    steps = lag_behind_the_population(d)
    found = []
    for after, x, b, curvature in zip(steps, (x_i, x_j), (b_i, b_j), (lambda_i, lambda_j), strict=True):
        factor, added = coefficients(after, x)
        solution = course(factor, added, sp.Integer(0), t)
        d.add(
            "A common start leaves no difference; this solution of the recursion, put into it",
            f"{x}(t+1)",
            factor * solution + added,
            solution.subs(t, t + 1),
        )
        share = d.add("that is", f"{x}(t)", solution, (1 - (1 - eta * curvature) ** t) * b)
        d.add("It begins with none", f"{x}(0)", share.subs(t, 0), sp.Integer(0))
        found.append(share)
    covariance_of(d, *found, covariance_of_the_mean(d), shown="Cov[theta(t)]_ij")
    return d
