"""Derivation of the log-odds of two basins of two parameters at low noise: each a Gaussian."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._two_wells import n
from sgdtheory.derivations.diffusion._two_wells_across import gaussian_log_odds, temperature
from sgdtheory.processes.two_wells import two_wells_across


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(two_wells_across)
    found = temperature(d)
    value = gaussian_log_odds(d).subs(n, found)
    d.add("With the temperature that was found", "log(p_A/p_B)", value, value)
    return d
