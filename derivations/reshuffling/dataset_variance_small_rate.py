"""Derivation of the third order of the variance at the end of an epoch."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._limits import leading
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import dataset_variance
from sgdtheory.symbols import D, M, eta, lambda_, s2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    leading(
        d,
        dataset_variance.value,
        "Var[theta]",
        (eta * lambda_) ** 3 * s2 * M * (M**2 - 1) / (24 * D),
    )
    return d
