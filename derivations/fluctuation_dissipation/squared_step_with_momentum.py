"""Derivation of the stationary squared length of a step with momentum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._premises import mode_with_momentum
from sgdtheory.derivations.quadratic._premises import x_i
from sgdtheory.symbols import C_ii, eta, lambda_i, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    mode = mode_with_momentum()
    d = mode.derivation
    product = d.add("The mean square of a step", "E[(x_i' - x_i)^2]", mode.mean((mode.after - x_i) ** 2))
    d.add(
        "The stationary moments, put in",
        "E[(x_i' - x_i)^2]",
        mode.settled(product),
        2 * eta**2 * C_ii / (m * (1 - mu) * (2 * (1 + mu) - eta * lambda_i)),
    )
    return d
