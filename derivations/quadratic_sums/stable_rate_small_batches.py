"""Derivation of a stable rate for small batches: no direction allows less than the flattest."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._variability import extreme
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import lambda_min, t_Q


def derive() -> Derivation:
    """Return the derivation."""
    reason = "No mode allows less: both brackets are negative or zero, as p t_Q is at least lambda_max lambda_min"
    return extreme(Derivation(sampled_curvature), t_Q, "at most", lambda_min, reason)
