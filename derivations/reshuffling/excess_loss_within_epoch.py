"""Derivation of the excess loss within an epoch: the loss weighs variances by half the curvature."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._expected_forms import expected, loss
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import covariance_within_epoch
from sgdtheory.symbols import C_ii, D, M, eta, lambda_i, r


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    A, a = (1 - eta * lambda_i) ** M, (1 - eta * lambda_i) ** r
    expected(
        d,
        loss(d),
        covariance_within_epoch.value,
        "E[L] - L*, mode i",
        C_ii / (2 * (D - 1)) * (eta * M / (2 - eta * lambda_i) - ((1 - a) ** 2 + a**2 * (1 - A) / (1 + A)) / lambda_i),
    )
    return d
