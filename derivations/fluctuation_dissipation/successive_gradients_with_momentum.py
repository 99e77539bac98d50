"""Derivation of the stationary product of successive mini-batch gradients with momentum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._premises import mode_with_momentum
from sgdtheory.derivations.quadratic._premises import n_i, x_i
from sgdtheory.symbols import C_ii, eta, lambda_i, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    mode = mode_with_momentum()
    d = mode.derivation
    product = d.add(
        "The next batch gradient is the slope at the next displacement, plus new noise",
        "E[g_i(t+1) g_i(t)]",
        mode.mean(mode.slope.subs(n_i, 0).subs(x_i, mode.after) * mode.slope),
    )
    d.add(
        "The stationary moments, put in",
        "E[g_i(t+1) g_i(t)]",
        mode.settled(product),
        eta
        * lambda_i
        * C_ii
        * ((1 + mu) * (2 * mu - 1) - mu * eta * lambda_i)
        / (m * (1 - mu) * (2 * (1 + mu) - eta * lambda_i)),
    )
    return d
