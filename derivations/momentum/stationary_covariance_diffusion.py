"""Derivation of the limit of small learning rates at a fixed momentum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.momentum import stationary_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    known = d.add(
        "The exact value, a result of its own", "Sigma_ij", stationary_covariance.value, stationary_covariance.value
    )
    limit = d.add(
        "The learning rate goes to zero at a fixed momentum",
        "lim Sigma_ij/eta",
        (known / eta).cancel().subs(eta, 0),
    )
    d.add("To leading order, then", "Sigma_ij", eta * limit, eta * C_ij / (m * (1 - mu) * (lambda_i + lambda_j)))
    return d
