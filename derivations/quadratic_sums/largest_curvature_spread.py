"""Derivation of the largest stable spread of the curvatures: where the factor of the mean square is one."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._mean_square import mean_square
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import eta, lambda_, p, v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    factor, _ = mean_square(d)
    (limit,) = sp.solve(factor - 1, v)
    d.add("It grows with the spread and passes one at v_max", "factor - 1", factor - 1, eta**2 * p * (v - limit))
    d.add("which is", "v_max", limit, lambda_ * (2 - eta * lambda_) / (eta * p))
    return d
