"""Derivation of the limit of a long exponential average: the weight of the newest iterate goes to zero."""

from sgdtheory.algebra.derivation import Derivation, tidy
from sgdtheory.averaging import exponential_average_covariance
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ij, alpha, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    exact = exponential_average_covariance.value
    known = d.add("The exact value, a result of its own", "Cov[average]_ij", exact, exact)
    limit = d.add(
        "The weight goes to zero at a fixed learning rate, which drops out",
        "lim Cov[average]_ij/alpha",
        tidy(known / alpha).subs(alpha, 0),
        C_ij / (2 * m * lambda_i * lambda_j),
    )
    d.add("To leading order, then", "Cov[average]_ij", alpha * limit)
    return d
