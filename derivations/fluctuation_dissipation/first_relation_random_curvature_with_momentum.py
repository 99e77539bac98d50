"""Derivation of the first fluctuation-dissipation relation with momentum, whatever the batches."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._any_batch import balance, compared, x_i
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.symbols import lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    mode = balance(sampled_curvature_with_momentum)
    above = ("The mean square of a step", "E[(x_i' - x_i)^2]", (mode.after - x_i) ** 2)
    compared(
        mode, above, ("E[x_i lambda_i x_i]", x_i * lambda_i * x_i), "E|theta' - theta|^2 / E[(theta - theta*)' grad L]"
    )
    return mode.derivation
