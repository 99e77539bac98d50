"""Derivation of the largest stable spread of the curvatures with momentum: where the stationary variance diverges."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._mean_square import stationary_with_momentum
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.symbols import eta, lambda_, mu, p, v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature_with_momentum)
    (limit,) = sp.solve(sp.denom(sp.together(stationary_with_momentum(d))), v)
    d.add(
        "The moments of x and w make a positive matrix, and a step takes such matrices to such; so the mean square"
        " converges, from equal samples on, exactly up to the spread at which its stationary value becomes infinite",
        "v_max",
        limit,
        lambda_ * (1 - mu) * (2 * (1 + mu) - eta * lambda_) / (eta * p * (1 + mu)),
    )
    return d
