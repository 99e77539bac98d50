"""Derivation of the log-odds of two basins of two parameters: the density without a current, integrated over each."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._two_wells import filling, n
from sgdtheory.derivations.diffusion._two_wells_across import PAIRS, gaussian_log_odds, temperature
from sgdtheory.processes.two_wells import two_wells_across


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(two_wells_across)
    found = temperature(d)
    log_odds, factor = gaussian_log_odds(d), filling(d)
    gained = sum(sp.log(factor.subs(first)) - sp.log(factor.subs(second)) for first, second in PAIRS)
    d.add(
        "So the logarithm of the ratio gains those of the factors; with the temperature that was found",
        "log(p_A/p_B)",
        (log_odds + gained).subs(n, found),
        (log_odds + gained).subs(n, found),
    )
    return d
