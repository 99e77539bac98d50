"""Derivation of the stationary squared norm of the mini-batch gradient with momentum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._premises import mode_with_momentum
from sgdtheory.symbols import C_ii, eta, lambda_i, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    mode = mode_with_momentum()
    d = mode.derivation
    product = d.add("Its mean square", "E[g_i^2]", mode.mean(mode.slope**2))
    d.add(
        "The stationary moments, put in",
        "E[g_i^2]",
        mode.settled(product),
        2 * C_ii * (1 - mu**2 + mu * eta * lambda_i) / (m * (1 - mu) * (2 * (1 + mu) - eta * lambda_i)),
    )
    return d
