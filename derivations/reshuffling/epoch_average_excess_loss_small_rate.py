"""Derivation of the second order of the excess loss averaged over an epoch."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._limits import leading
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import epoch_average_excess_loss
from sgdtheory.symbols import C_ii, D, M, eta, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    leading(
        d,
        epoch_average_excess_loss.value,
        "E[L] - L*, mode i, averaged",
        eta**2 * lambda_i * C_ii * (M**2 - 1) / (12 * (D - 1)),
    )
    return d
