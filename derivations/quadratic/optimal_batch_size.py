"""Derivation of the best batch size: the maximum of the expected decrease per cost."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic.optimal_learning_rate import expected_loss
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import expected_decrease
from sgdtheory.symbols import c0, c1, g2, gHg, m, trHC


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    expected_loss(d)
    efficiency = d.add(
        "Expected decrease per cost, at the best learning rate for each batch size",
        "e(m)",
        expected_decrease.value / (c0 + c1 * m),
        g2**2 * m / (2 * (gHg * m + trHC) * (c0 + c1 * m)),
    )
    numerator = c0 * trHC - c1 * gHg * m**2
    d.add(
        "Its slope in the batch size",
        "de/dm",
        sp.diff(efficiency, m),
        g2**2 * numerator / (2 * (gHg * m + trHC) ** 2 * (c0 + c1 * m) ** 2),
    )
    root = sp.sqrt(c0 * trHC / (c1 * gHg))
    d.add(
        "Its sign is that of n(m) = c0 tr(HC) - c1 g'Hg m^2: positive below one positive root m*, negative above",
        "n(m)",
        numerator,
        c1 * gHg * (root - m) * (root + m),
    )
    d.add("Hence", "m*", root, root)
    return d
