"""Derivation of gradient flow of a loss that is not quadratic: its equation is linear for 1/X^2."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._curved import position
from sgdtheory.processes.curved_flow import curved_bowl


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(curved_bowl)
    position(d)
    return d
