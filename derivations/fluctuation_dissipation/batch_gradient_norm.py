"""Derivation of the stationary squared norm of the mini-batch gradient."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._premises import plain_mode
from sgdtheory.symbols import C_ii, eta, lambda_i, m


def derive() -> Derivation:
    """Return the derivation."""
    mode = plain_mode()
    d = mode.derivation
    product = d.add("Its mean square", "E[g_i^2]", mode.mean(mode.slope**2))
    d.add("The stationary moments, put in", "E[g_i^2]", mode.settled(product), 2 * C_ii / (m * (2 - eta * lambda_i)))
    return d
