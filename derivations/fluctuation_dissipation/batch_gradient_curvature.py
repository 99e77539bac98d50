"""Derivation of the stationary curvature along the mini-batch gradient."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._premises import plain_mode
from sgdtheory.symbols import C_ii, eta, lambda_i, m


def derive() -> Derivation:
    """Return the derivation."""
    mode = plain_mode()
    d = mode.derivation
    product = d.add("The curvature along it", "E[g_i lambda_i g_i]", mode.mean(lambda_i * mode.slope**2))
    d.add(
        "The stationary moments, put in",
        "E[g_i lambda_i g_i]",
        mode.settled(product),
        2 * lambda_i * C_ii / (m * (2 - eta * lambda_i)),
    )
    return d
