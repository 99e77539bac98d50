"""Derivation of the covariance of an average over a window: the recursion of sums of iterates."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.averaging._windows import window_sum
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance
from sgdtheory.symbols import C_ij, T, eta, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    total = window_sum(d, stationary_covariance.value)
    left, right = ((1 - eta * mode) * (1 - (1 - eta * mode) ** T) / (eta * mode) ** 2 for mode in (lambda_i, lambda_j))
    d.add(
        "The average is the sum over T; the run starts with its stationary covariance",
        "Cov[average]_ij",
        total / T**2,
        C_ij / (m * T * lambda_i * lambda_j)
        - eta * C_ij * (left + right) / (m * T**2 * (lambda_i + lambda_j - eta * lambda_i * lambda_j)),
    )
    return d
