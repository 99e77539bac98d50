"""Derivation of the variance averaged over an epoch, over that with fresh batches."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._limits import over_fresh_batches
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import epoch_average_covariance
from sgdtheory.symbols import M, eta, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    A = (1 - eta * lambda_i) ** M
    over_fresh_batches(
        d,
        epoch_average_covariance.value,
        "rho_i averaged",
        (M - (2 - eta * lambda_i) / (eta * lambda_i) + 2 * (1 - eta * lambda_i) * (1 - A) / (M * (eta * lambda_i) ** 2))
        / (M - 1),
    )
    return d
