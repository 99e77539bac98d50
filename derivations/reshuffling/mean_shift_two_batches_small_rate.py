"""Derivation of the mean's shift at a small learning rate."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._limits import leading
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.reshuffling import mean_shift_two_batches
from sgdtheory.symbols import D, eta, kappa, lambda_


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    leading(d, mean_shift_two_batches.value, "E[theta] - theta*", -eta * kappa / (2 * lambda_ * (D - 1)))
    return d
