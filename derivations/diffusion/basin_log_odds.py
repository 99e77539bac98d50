"""Derivation of the log-odds of two wells: the density without a current, integrated over each."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._two_wells import B_, A, filling, gaussian_log_odds, n, temperature
from sgdtheory.processes.two_wells import two_wells


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(two_wells)
    found = temperature(d)
    log_odds = gaussian_log_odds(d, found)
    factor = filling(d).subs(n, found)
    gained = sp.log(factor.subs(A)) - sp.log(factor.subs(B_))
    d.add(
        "So the logarithm of the ratio gains those of the factors",
        "log(p_A/p_B)",
        log_odds + gained,
        log_odds + gained,
    )
    return d
