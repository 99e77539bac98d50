"""Derivation of the limit of small learning rates at a fixed momentum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.momentum import velocity_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, eta, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    known = d.add(
        "The exact value, a result of its own", "Cov[v]_ij", velocity_covariance.value, velocity_covariance.value
    )
    limit = d.add(
        "The learning rate goes to zero at a fixed momentum",
        "lim Cov[v]_ij",
        (known).cancel().subs(eta, 0),
    )
    d.add("To leading order, then", "Cov[v]_ij", limit, C_ij / (m * (1 - mu**2)))
    return d
