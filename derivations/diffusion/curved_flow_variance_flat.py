"""Derivation of the variance along gradient flow at a flat minimum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._curved import variance
from sgdtheory.processes.curved_flow import curved_bowl
from sgdtheory.symbols import c_iso, delta, eta, kappa_4, m, t, v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(curved_bowl)
    found = variance(d, flat=True)
    U = 1 + 2 * delta**2 * eta * kappa_4 * t
    d.add(
        "At the time s = eta t, with epsilon = eta/m",
        "V(t)",
        found,
        eta**2 * t * (3 * c_iso * (1 + U + U**2 + U**3) + 4 * v * delta**2 * (1 + U + U**2)) / (12 * m * U**3),
    )
    return d
