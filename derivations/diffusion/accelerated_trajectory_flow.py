"""Derivation of the mean of accelerated gradient flow: a power series in the square of the time."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.hypergeometric import as_bessel, from_ratio
from sgdtheory.derivations.diffusion._accelerated import in_a_short_time, mean_of, s, x, z
from sgdtheory.processes.accelerated import accelerated
from sgdtheory.symbols import h, lambda_i, t

p = sp.Symbol("p", nonnegative=True)
j = sp.Symbol("j", integer=True, nonnegative=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(accelerated)
    displacement, velocity = map(mean_of, in_a_short_time(d))
    speed = sp.diff(s**p, s)
    pull = velocity.subs({z: speed / sp.diff(displacement, z), x: s**p})
    residue = d.add(
        "Put a power of the time into X'' - E[dz/ds] for the mean X, with z = X'",
        "(X'' + (3/s) X' + lambda_i X)/X",
        sp.expand(sp.simplify((sp.diff(speed, s) - pull) / s**p)),
        p * (p + 2) / s**2 + lambda_i,
    )
    lowers, keeps = residue.coeff(s, -2), residue.coeff(s, 0)
    d.add("A start at rest: the power zero is one that the lowering part kills", "p = 0", lowers.subs(p, 0), sp.S.Zero)
    ratio = d.add(
        "In a series of powers s^(2 j) each term cancels what the one before leaves",
        "c_(j+1) s^2/c_j",
        -keeps.subs(p, 2 * j) / lowers.subs(p, 2 * j + 2) * s**2,
        -lambda_i * s**2 / (4 * (j + 1) * (j + 2)),
    )
    series = d.add("The sum of the series", "X(s)/X(0)", from_ratio(ratio, j))
    share = as_bessel(series.subs(s, h * t))
    d.add(
        "At the time s = h t; the series is that of a Bessel function",
        "E[x_t]/x_0",
        share,
        2 * sp.besselj(1, h * t * sp.sqrt(lambda_i)) / (h * t * sp.sqrt(lambda_i)),
    )
    return d
