"""Derivation of the excess loss at the end of an epoch: the loss weighs variances by half the curvature."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._expected_forms import expected, loss
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import stationary_covariance
from sgdtheory.symbols import C_ii, D, M, eta, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    A = (1 - eta * lambda_i) ** M
    expected(
        d,
        loss(d),
        stationary_covariance.value,
        "E[L] - L*, mode i",
        C_ii / (2 * (D - 1)) * (eta * M / (2 - eta * lambda_i) - (1 - A) / (lambda_i * (1 + A))),
    )
    return d
