"""Derivation of the variance along gradient flow of a loss that is not quadratic: how it is forgotten."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._curved import excess, variance
from sgdtheory.processes.curved_flow import curved_bowl
from sgdtheory.symbols import c_iso, delta, eta, lambda_, m, t, v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(curved_bowl)
    found = variance(d)
    u, whole = sp.exp(-2 * eta * lambda_ * t), lambda_ + excess
    tail = excess * (1 + u) / 2
    tilted = (1 - u) * (whole**3 + excess**2 * u * (3 * whole - tail)) - 6 * whole**2 * excess * eta * lambda_ * t * u
    bent = 2 * whole**2 * eta * lambda_ * t - excess * (1 - u) * (2 * whole - tail)
    d.add(
        "At the time s = eta t, with epsilon = eta/m",
        "V(t)",
        found,
        eta
        * (c_iso * tilted + v * delta**2 * lambda_ * u * bent)
        / (2 * lambda_ * m * (lambda_ + excess * (1 - u)) ** 3),
        numerically=True,
    )
    return d
