"""Derivation of the second fluctuation-dissipation relation with momentum."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._premises import mode_with_momentum
from sgdtheory.derivations.quadratic._premises import x_i
from sgdtheory.symbols import eta, lambda_i, mu


def derive() -> Derivation:
    """Return the derivation."""
    mode = mode_with_momentum()
    d = mode.derivation
    above = d.add(
        "The curvature along a step",
        "E[(x_i' - x_i) lambda_i (x_i' - x_i)]",
        mode.settled(mode.mean(lambda_i * (mode.after - x_i) ** 2)),
    )
    below = d.add(
        "What it is compared with; the full gradient is lambda_i x_i",
        "E[(lambda_i x_i)^2]",
        mode.settled(mode.mean((lambda_i * x_i) ** 2)),
    )
    d.add(
        "The ratio is the same for every mode, and so it is for their sums",
        "E[(theta' - theta)' H (theta' - theta)] / E|grad L|^2",
        above / below,
        2 * eta / (1 + mu),
    )
    return d
