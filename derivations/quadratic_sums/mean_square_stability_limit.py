"""Derivation of the mean-square stability limit: where the factor of the mean square is one."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._mean_square import mean_square
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import eta, lambda_, p, v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    factor, _ = mean_square(d)
    (limit,) = (root for root in sp.solve(factor - 1, eta) if root != 0)
    d.add(
        "It is below one exactly between two learning rates, of which one is zero",
        "factor - 1",
        factor - 1,
        eta * (lambda_**2 + p * v) * (eta - limit),
    )
    d.add("and the other is", "eta_ms", limit, 2 * lambda_ / (lambda_**2 + p * v))
    return d
