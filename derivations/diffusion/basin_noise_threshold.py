"""Derivation of the least learning rate at which the wide and shallow of two wells is as likely as the other."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._two_wells import B_, A, B, deviation, filling, gaussian_mass, kappa, n, s
from sgdtheory.derivations.diffusion._two_wells import temperature as temperature_of_a_well
from sgdtheory.processes.two_wells import two_wells
from sgdtheory.symbols import B_A, B_B, eta, h_A, h_B, m, s_g


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(two_wells)
    temperature = temperature_of_a_well(d).subs(deviation, s_g)
    gaussians = d.add(
        "With one temperature in both wells, the log-odds of two Gaussians of the curvatures at the bottoms",
        "log(p_A/p_B)",
        sp.log(gaussian_mass().subs(A) / gaussian_mass().subs(B_)),
        (B_A - B_B) / n + sp.log(h_B / h_A) / 2,
        numerically=True,
    )
    factor = filling(d)
    rim = sp.sqrt(2 * B)
    density = sp.exp(-(s**2) / (2 * n)) / sp.sqrt(2 * sp.pi * n)
    d.add(
        "It grows with the flare, by an integral of what is not negative, with the weight of a Gaussian",
        "integral of 3 s^2/2 from rim to rim",
        2 * sp.integrate(3 * s**2 / 2 * density, (s, 0, rim)),
        sp.diff(factor, kappa),
        numerically=True,
    )
    d.add(
        "and with the barrier, by the integrand at the rims",
        "df/dB",
        sp.diff(factor, B),
        (1 + 3 * kappa * B) * sp.exp(-B / n) / sp.sqrt(sp.pi * B * n),
        numerically=True,
    )
    even = d.add(
        "The wide well has neither the larger flare nor the higher barrier, so that f_A <= f_B: its log-odds are at"
        " most those of the Gaussians, which rise with n and are negative below",
        "n",
        sp.solve(gaussians, n)[0],
        2 * (B_B - B_A) / sp.log(h_B / h_A),
        numerically=True,
    )
    d.add(
        "Below the rate of this temperature it holds less than half",
        "eta",
        sp.solve(temperature - even, eta)[0],
        4 * m * (B_B - B_A) / (s_g**2 * sp.log(h_B / h_A)),
        numerically=True,
    )
    return d
