"""Derivation of a stable rate for large batches: no direction allows less than the sharpest."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._variability import extreme
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import lambda_max, t_Q


def derive() -> Derivation:
    """Return the derivation."""
    reason = "No mode allows less: at - lambda_1 is not negative, and p t_Q is at most lambda_max lambda_min"
    return extreme(Derivation(sampled_curvature), t_Q, "at most", lambda_max, reason)
