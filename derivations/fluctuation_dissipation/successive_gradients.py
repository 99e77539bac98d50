"""Derivation of the stationary product of successive mini-batch gradients."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._premises import plain_mode
from sgdtheory.derivations.quadratic._premises import n_i, x_i
from sgdtheory.symbols import C_ii, eta, lambda_i, m


def derive() -> Derivation:
    """Return the derivation."""
    mode = plain_mode()
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
        -eta * lambda_i * C_ii / (m * (2 - eta * lambda_i)),
    )
    return d
