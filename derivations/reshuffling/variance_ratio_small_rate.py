"""Derivation of the ratio of variances at a small learning rate."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._limits import leading
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import variance_ratio
from sgdtheory.symbols import M, eta, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    leading(
        d,
        variance_ratio.value,
        "rho_i",
        (eta * lambda_i) ** 2 * M * (M + 1) / 12,
    )
    return d
