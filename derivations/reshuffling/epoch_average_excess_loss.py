"""Derivation of the excess loss averaged over an epoch."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._expected_forms import expected, loss
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import epoch_average_covariance
from sgdtheory.symbols import C_ii, D, M, eta, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    A = (1 - eta * lambda_i) ** M
    expected(
        d,
        loss(d),
        epoch_average_covariance.value,
        "E[L] - L*, mode i, averaged",
        C_ii
        / (2 * (D - 1))
        * (
            eta * M / (2 - eta * lambda_i)
            - 1 / lambda_i
            + 2 * (1 - eta * lambda_i) * (1 - A) / (eta * M * lambda_i**2 * (2 - eta * lambda_i))
        ),
    )
    return d
