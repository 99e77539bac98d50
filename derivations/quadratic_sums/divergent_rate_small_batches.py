"""Derivation of a divergent rate for small batches: no direction allows more than the sharpest."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._variability import extreme
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import lambda_max, s_Q


def derive() -> Derivation:
    """Return the derivation."""
    reason = "No mode allows more: the brackets differ in sign, as p s_Q is at least lambda_max^2"
    return extreme(Derivation(sampled_curvature), s_Q, "at least", lambda_max, reason)
