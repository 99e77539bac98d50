"""Derivation of the covariance in terms of the damping, from that in terms of the momentum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.momentum import stationary_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, eta, gamma, lambda_i, lambda_j, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    known = d.add("A result of its own", "Sigma_ij", stationary_covariance.value, stationary_covariance.value)
    bend = eta * (1 - gamma) * (lambda_i - lambda_j) ** 2 / (gamma * (2 - gamma))
    d.add(
        "Write the momentum as mu = 1 - gamma",
        "Sigma_ij",
        known.subs(mu, 1 - gamma),
        eta * C_ij / (m * (gamma * (lambda_i + lambda_j) - eta * gamma * lambda_i * lambda_j / (2 - gamma) + bend)),
    )
    return d
