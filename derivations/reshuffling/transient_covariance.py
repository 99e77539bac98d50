"""Derivation of the covariance after t batches of the first epoch: an epoch that starts from one point."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._epoch import START, within_an_epoch
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ij, D, M, eta, lambda_i, lambda_j, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    after = within_an_epoch(d, t)
    a, b = (1 - eta * lambda_i) ** t, (1 - eta * lambda_j) ** t
    d.add(
        "A run that starts at the minimum has no second moment then and no mean ever; elsewhere the start adds a number"
        " to x that is not random and has no covariance",
        "Sigma_ij(t)",
        after.subs(START, sp.Integer(0)),
        C_ij
        / (D - 1)
        * (
            eta * M * (1 - a * b) / (lambda_i + lambda_j - eta * lambda_i * lambda_j)
            - (1 - a) * (1 - b) / (lambda_i * lambda_j)
        ),
    )
    return d
