"""Derivation of the covariance of an exponential average: the fixed point of four second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.averaging._premises import exponential_average
from sgdtheory.symbols import C_ij, alpha, eta, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d, covariance = exponential_average()
    kept_i, kept_j = (1 - alpha) * (1 - eta * lambda_i), (1 - alpha) * (1 - eta * lambda_j)
    d.add(
        "In terms of the factors (1 - alpha)(1 - eta lambda)",
        "Cov[average]_ij",
        covariance,
        eta
        * alpha
        * C_ij
        * (1 - kept_i * kept_j)
        / (
            m
            * (2 - alpha)
            * (lambda_i + lambda_j - eta * lambda_i * lambda_j)
            * (alpha + (1 - alpha) * eta * lambda_i)
            * (alpha + (1 - alpha) * eta * lambda_j)
        ),
    )
    return d
