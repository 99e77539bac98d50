"""Derivation of the factor by which the mean square is multiplied at each step."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._mean_square import mean_square
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import eta, lambda_, p, v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    factor, _ = mean_square(d)
    d.add("A step multiplies the mean square by", "rho", factor, (1 - eta * lambda_) ** 2 + eta**2 * p * v)
    return d
