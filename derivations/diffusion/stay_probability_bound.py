"""Derivation of a bound on the probability that gradient descent stays near a saddle point."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.diffusion._saddle import n, unstable_mode, x
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import R, s_0, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(saddle)
    after = unstable_mode(d)
    mean = d.add("Without noise, or for the mean", "x'", expectation(after, {n: 0}, {}))
    growth = d.add("Each step multiplies the displacement by", "x'/x", mean / x)
    edge = d.add("The starts that are within R after t steps are those with |x_0| at most", "w", R / growth**t)
    u = sp.Symbol("u", positive=True)
    density = sp.exp(-(u**2) / (2 * s_0**2)) / (s_0 * sp.sqrt(2 * sp.pi))
    d.add(
        "The density of a Gaussian start is largest at the saddle point",
        "density, its slope over itself",
        sp.diff(density, u) / density,
        -u / s_0**2,
    )
    d.add(
        "The probability is at most the width of the strip times this largest density",
        "P(|x_t| <= R)",
        2 * edge * density.subs(u, 0),
        numerically=True,
    )
    return d
