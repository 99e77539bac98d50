"""Derivation of the squared gradient at the end of an epoch."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._expected_forms import expected, gradient_norm
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import stationary_covariance
from sgdtheory.symbols import C_ii, D, M, eta, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    A = (1 - eta * lambda_i) ** M
    expected(
        d,
        gradient_norm(d),
        stationary_covariance.value,
        "E|grad L|^2, mode i",
        C_ii / (D - 1) * (eta * M * lambda_i / (2 - eta * lambda_i) - (1 - A) / (1 + A)),
    )
    return d
