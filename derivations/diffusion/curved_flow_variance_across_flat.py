"""Derivation of the variance across gradient flow at a flat minimum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._curved import variance
from sgdtheory.processes.curved_flow import curved_bowl
from sgdtheory.symbols import c_iso, delta, eta, kappa_4, m, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(curved_bowl)
    found = variance(d, across=True, flat=True)
    reached = delta**2 * eta * kappa_4 * t
    d.add(
        "At the time s = eta t, with epsilon = eta/m",
        "V(t)",
        found,
        c_iso * eta**2 * t * (1 + reached) / (m * (1 + 2 * reached)),
    )
    return d
