"""Derivation of the ratio of averaged variances at a small learning rate."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._limits import leading
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import epoch_average_variance_ratio
from sgdtheory.symbols import M, eta, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    leading(
        d,
        epoch_average_variance_ratio.value,
        "rho_i averaged",
        eta * lambda_i * (M + 1) / 3,
    )
    return d
