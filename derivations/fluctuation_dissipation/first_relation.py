"""Derivation of the first fluctuation-dissipation relation."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._premises import plain_mode
from sgdtheory.derivations.quadratic._premises import x_i
from sgdtheory.symbols import eta, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    mode = plain_mode()
    d = mode.derivation
    above = d.add("The mean square of the batch gradient", "E[g_i^2]", mode.settled(mode.mean(mode.slope**2)))
    below = d.add(
        "What it is compared with; the full gradient is lambda_i x_i",
        "E[x_i lambda_i x_i]",
        mode.settled(mode.mean(x_i * lambda_i * x_i)),
    )
    d.add(
        "The ratio is the same for every mode, and so it is for their sums",
        "E|g_B|^2 / E[(theta - theta*)' grad L]",
        above / below,
        2 / eta,
    )
    return d
