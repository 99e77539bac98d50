"""Derivation of the largest stable spread of the curvatures with Nesterov's momentum."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._premises import step_of_one_mode
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_nesterov
from sgdtheory.quadratic_sums import stationary_variance_nesterov
from sgdtheory.symbols import eta, lambda_, mu, p, v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature_with_nesterov)
    step_of_one_mode(d)
    value = d.add("The stationary variance, a result of its own", "Var[theta]", stationary_variance_nesterov.value)
    (limit,) = sp.solve(sp.denom(sp.factor(value)), v)
    d.add(
        "The moments of x and w make a positive matrix, and a step takes such matrices to such; so the mean square"
        " converges, from equal samples on, exactly up to the spread at which its stationary value becomes infinite",
        "v_max",
        limit,
        lambda_
        * (1 - mu + mu * eta * lambda_)
        * (2 * (1 + mu) - (1 + 2 * mu) * eta * lambda_)
        / (eta * p * (1 + mu + mu * (1 + 2 * mu) * eta * lambda_)),
    )
    return d
