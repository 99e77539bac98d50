"""Derivation of the bridge: the second order of the excess loss within an epoch."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._limits import leading
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import excess_loss_within_epoch
from sgdtheory.symbols import C_ii, D, M, eta, lambda_i, r


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    leading(
        d,
        excess_loss_within_epoch.value,
        "E[L] - L*, mode i",
        eta**2 * lambda_i * C_ii * r * (M - r) / (2 * (D - 1)),
    )
    return d
