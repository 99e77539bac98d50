"""Derivation of the temperature of the Gibbs density: the Fokker-Planck equation, for a quadratic and for any loss."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._gibbs import temperature
from sgdtheory.processes.additive_noise import additive_noise


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    d.add("The temperature", "n", temperature(d))
    return d
