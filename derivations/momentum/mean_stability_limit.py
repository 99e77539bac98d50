"""Derivation of the stability limit of the mean with momentum: both roots must lie inside the unit circle."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._premises import largest_rate
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import lambda_max, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    d.add("so all modes converge below that one", "eta_max", largest_rate(d), 2 * (1 + mu) / lambda_max)
    return d
