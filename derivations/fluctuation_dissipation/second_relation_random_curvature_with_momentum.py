"""Derivation of the second fluctuation-dissipation relation with momentum, whatever the batches."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._any_batch import balance, compared, x_i
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.symbols import lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    mode = balance(sampled_curvature_with_momentum)
    above = ("The curvature along a step", "E[(x_i' - x_i) lambda_i (x_i' - x_i)]", lambda_i * (mode.after - x_i) ** 2)
    compared(
        mode,
        above,
        ("E[(lambda_i x_i)^2]", (lambda_i * x_i) ** 2),
        "E[(theta' - theta)' H (theta' - theta)] / E|grad L|^2",
    )
    return mode.derivation
