"""Derivation of the third order of the excess loss at the end of an epoch."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._limits import leading
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import stationary_excess_loss
from sgdtheory.symbols import C_ii, D, M, eta, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    leading(
        d,
        stationary_excess_loss.value,
        "E[L] - L*, mode i",
        eta**3 * lambda_i**2 * C_ii * M * (M**2 - 1) / (48 * (D - 1)),
    )
    return d
