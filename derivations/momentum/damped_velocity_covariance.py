"""Derivation of the velocity's covariance in terms of the damping, from that in terms of the momentum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.momentum import velocity_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, eta, gamma, lambda_i, lambda_j, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    known = d.add("A result of its own", "Cov[v]_ij", velocity_covariance.value, velocity_covariance.value)
    bend = eta * (1 - gamma) * (lambda_i - lambda_j) ** 2 / (gamma * (2 - gamma))
    d.add(
        "Write the momentum as mu = 1 - gamma",
        "Cov[v]_ij",
        known.subs(mu, 1 - gamma),
        (lambda_i + lambda_j)
        * C_ij
        / (m * (2 - gamma) * (gamma * (lambda_i + lambda_j) - eta * gamma * lambda_i * lambda_j / (2 - gamma) + bend)),
    )
    return d
