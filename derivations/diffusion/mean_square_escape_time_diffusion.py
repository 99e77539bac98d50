"""Derivation of the time at which the diffusion's mean square reaches that of a radius."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients
from sgdtheory.derivations.diffusion._saddle import X, mean_square_drift
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import R, delta_u, eta


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(saddle)
    drift = mean_square_drift(d)
    rate, added = coefficients(drift, X)
    s_squared = d.add("Where the mean square plus a constant grows at a rate alone", "s^2", added / rate)
    d.add("Put back", "d(X + s^2)/ds", drift, rate * (X + s_squared))
    ratio = d.add(
        "By how much it has to grow", "R^2 + s^2 over delta^2 + s^2", (R**2 + s_squared) / (delta_u**2 + s_squared)
    )
    d.add("This takes the time eta t", "t", sp.log(ratio) / (rate * eta))
    return d
