"""Derivation of the variance across gradient flow of a loss that is not quadratic."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._curved import excess, variance
from sgdtheory.processes.curved_flow import curved_bowl
from sgdtheory.symbols import c_iso, eta, lambda_, m, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(curved_bowl)
    found = variance(d, across=True)
    u = sp.exp(-2 * eta * lambda_ * t)
    gained = (lambda_ + excess) * (1 - u) - 2 * excess * eta * lambda_ * t * u
    d.add(
        "At the time s = eta t, with epsilon = eta/m",
        "V(t)",
        found,
        c_iso * eta * gained / (2 * lambda_ * m * (lambda_ + excess * (1 - u))),
        numerically=True,
    )
    return d
