"""Derivation of the covariance over data sets of gradient flow: V' = -H V - Z."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._dataset import (
    b_i,
    b_j,
    covariance_of,
    covariance_of_the_mean,
    lag_behind_the_population,
    x_i,
    x_j,
)
from sgdtheory.derivations.quadratic._premises import flow
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import eta, lambda_i, lambda_j, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    steps = lag_behind_the_population(d)
    s = sp.Symbol("s", positive=True)
    found = []
    for after, x, b, curvature in zip(steps, (x_i, x_j), (b_i, b_j), (lambda_i, lambda_j), strict=True):
        drift = d.add(
            "Rate of change of the difference per unit of the time s = eta t",
            f"d{x}/ds",
            sp.expand((after - x) / eta),
            -curvature * x + curvature * b,
        )
        solution = flow(drift, x, sp.Integer(0), s)
        d.add("Its solution from a common start, put back", f"d{x}/ds", sp.diff(solution, s), drift.subs(x, solution))
        d.add("It begins with none", f"{x}(s = 0)", solution.subs(s, 0), sp.Integer(0))
        found.append(solution.subs(s, eta * t))
    covariance_of(d, *found, covariance_of_the_mean(d), shown="Cov[theta(t)]_ij")
    return d
