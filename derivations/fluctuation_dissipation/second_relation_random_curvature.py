"""Derivation of the second fluctuation-dissipation relation, whatever the batches."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._any_batch import balance, compared, s_i, x_i
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    mode = balance(sampled_curvature)
    above = ("The curvature along the batch gradient", "E[g_i lambda_i g_i]", lambda_i * s_i**2)
    compared(mode, above, ("E[(lambda_i x_i)^2]", (lambda_i * x_i) ** 2), "E[g_B' H g_B] / E|grad L|^2")
    return mode.derivation
