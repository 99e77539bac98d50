"""Derivation of the time to leave a saddle point in mean square: where its course meets the radius squared."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._saddle import mean_square
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import R, delta_u


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(saddle)
    factor, added = mean_square(d)
    s_squared = d.add(
        "The mean square plus a constant s^2 grows by the factor alone where the constant obeys"
        " added + s^2 = factor s^2",
        "s^2",
        added / (factor - 1),
    )
    d.add(
        "Put back",
        "E[x'^2] + s^2 over E[x^2] + s^2",
        factor * (delta_u**2) + added + s_squared,
        factor * (delta_u**2 + s_squared),
    )
    ratio = d.add(
        "By how much it has to grow", "R^2 + s^2 over delta^2 + s^2", (R**2 + s_squared) / (delta_u**2 + s_squared)
    )
    d.add(
        "This takes the logarithm of the ratio over that of the factor",
        "t",
        sp.log(ratio) / sp.expand_log(sp.log(factor)),
    )
    return d
