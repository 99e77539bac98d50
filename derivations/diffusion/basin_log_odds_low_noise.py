"""Derivation of the log-odds of two wells at low noise: Laplace's method, each well a Gaussian."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._two_wells import gaussian_log_odds, temperature
from sgdtheory.processes.two_wells import two_wells


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(two_wells)
    gaussian_log_odds(d, temperature(d))
    return d
