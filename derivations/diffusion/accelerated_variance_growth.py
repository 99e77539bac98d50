"""Derivation of the growth of the variance: the one power of the time that balances the noise."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._accelerated import W, rates_of_moments, s
from sgdtheory.processes.accelerated import accelerated
from sgdtheory.symbols import C_ii, h, lambda_i, m, t

A, B, G = sp.symbols("A B G", real=True)
kappa = sp.Symbol("kappa", real=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(accelerated)
    square, cross, speed = rates_of_moments(d, A, B, G)
    growing = kappa * s
    (of_cross,) = sp.solve(sp.diff(growing, s) - square, B)
    (of_speed,) = sp.solve(sp.diff(of_cross, s) - cross.subs({A: growing, B: of_cross}), G)
    balance = d.add(
        "Try A = kappa s: the first two equations give B and G; what the third is short of, as s grows",
        "dG/ds + (6/s) G + 2 lambda_i B - W",
        sp.limit(sp.diff(of_speed, s) - speed.subs({B: of_cross, G: of_speed}), s, sp.oo),
        8 * lambda_i * kappa - W,
    )
    (slope,) = sp.solve(balance, kappa)
    slope = d.add("It balances for one slope only", "kappa", slope, W / (8 * lambda_i))
    d.add("At the time s = h t, with W = h C/m", "V_i(t)", slope.subs(W, h * C_ii / m) * h * t)
    return d
