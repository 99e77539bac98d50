"""Derivation of the variance of the accelerated diffusion: a power series in the time, driven from zero."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.hypergeometric import from_ratio
from sgdtheory.derivations.diffusion._accelerated import W, rates_of_moments, s
from sgdtheory.processes.accelerated import accelerated
from sgdtheory.symbols import C_ii, h, lambda_i, m, t

A, B, G, p = sp.symbols("A B G p", real=True)
j = sp.Symbol("j", integer=True, nonnegative=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(accelerated)
    square, cross, speed = rates_of_moments(d, A, B, G)
    power = s**p
    (of_cross,) = sp.solve(sp.diff(power, s) - square, B)
    (of_speed,) = sp.solve(sp.diff(of_cross, s) - cross.subs({A: power, B: of_cross}), G)
    driven = sp.diff(of_speed, s) - speed.subs({A: power, B: of_cross, G: of_speed, W: 0})
    left = d.add(
        "Put A = s^p into the first two equations, and B and G that they give into the third",
        "dG/ds + (6/s) G + 2 lambda_i B, over s^p",
        sp.expand(sp.simplify(driven / power)),
        p * (p + 2) * (p + 4) / (2 * s**3) + 2 * lambda_i * (p + 3) / s,
    )
    lowers, keeps = left.coeff(s, -3), left.coeff(s, -1)
    first = d.add(
        "The noise W drives the power three; nothing is there at the start",
        "c_0",
        speed.coeff(W) * W / lowers.subs(p, 3),
        2 * W / 105,
    )
    ratio = d.add(
        "In a series of powers s^(3 + 2 j) each further term cancels what the one before leaves",
        "c_(j+1) s^2/c_j",
        sp.factor(-keeps.subs(p, 3 + 2 * j) / lowers.subs(p, 5 + 2 * j) * s**2),
        -4 * lambda_i * s**2 * (2 * j + 6) / ((2 * j + 5) * (2 * j + 7) * (2 * j + 9)),
    )
    series = d.add("The sum of the series", "A(s)", first * s**3 * from_ratio(ratio, j))
    d.add("At the time s = h t, with W = h C/m", "V_i(t)", series.subs({s: h * t, W: h * C_ii / m}))
    return d
