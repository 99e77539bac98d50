"""Derivation of gradient flow at a flat minimum: 1/X^2 grows in proportion to the time."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._curved import position
from sgdtheory.processes.curved_flow import curved_bowl


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(curved_bowl)
    position(d, flat=True)
    return d
