"""Derivation of the first fluctuation-dissipation relation, whatever the batches."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._any_batch import balance, compared, s_i, x_i
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    mode = balance(sampled_curvature)
    above = ("The mean square of the batch gradient", "E[g_i^2]", s_i**2)
    compared(mode, above, ("E[x_i lambda_i x_i]", x_i * lambda_i * x_i), "E|g_B|^2 / E[(theta - theta*)' grad L]")
    return mode.derivation
