"""Derivation of the mean-square stability limit with momentum: where the stationary variance diverges."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._mean_square import stationary_with_momentum
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.symbols import eta, lambda_, mu, p, v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature_with_momentum)
    (limit,) = sp.solve(sp.denom(sp.together(stationary_with_momentum(d))), eta)
    d.add(
        "The moments of x and w make a positive matrix, and a step takes such matrices to such; so the mean square"
        " converges, from zero on, exactly up to where its stationary value becomes infinite",
        "eta_ms",
        limit,
        2 * lambda_ * (1 - mu**2) / (lambda_**2 * (1 - mu) + (1 + mu) * p * v),
    )
    return d
