"""Derivation of the best batch size: the maximum of the expected decrease per cost."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import expected_decrease
from sgdtheory.symbols import c0, c1, g2, gHg, m, trHC


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    decrease = d.add(
        "Expected decrease of a step at the best learning rate, a result of its own",
        "-(E[L'] - L)",
        expected_decrease.value,
    )
    efficiency = d.add(
        "Per cost",
        "e(m)",
        decrease / (c0 + c1 * m),
        g2**2 * m / (2 * (gHg * m + trHC) * (c0 + c1 * m)),
    )
    slope = d.add(
        "Its slope in the batch size",
        "de/dm",
        sp.diff(efficiency, m),
        g2**2 * (c0 * trHC - c1 * gHg * m**2) / (2 * (gHg * m + trHC) ** 2 * (c0 + c1 * m) ** 2),
    )
    (root,) = sp.solve(slope, m)  # m is positive
    d.add(
        "It has one positive root m*, is positive below and negative above",
        "de/dm",
        slope,
        g2**2 * c1 * gHg * (root - m) * (root + m) / (2 * (gHg * m + trHC) ** 2 * (c0 + c1 * m) ** 2),
    )
    d.add("Hence", "m*", root, root)
    return d
