"""Derivation of the generalization gap in one dimension."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic.generalization_gap import K, gap_of_mode
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import lambda_, lambda_i, sigma2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    gap = gap_of_mode(d)
    d.add("One mode, whose centres are the data", "E[L_test - L_train]", gap.subs({K: sigma2, lambda_i: lambda_}))
    return d
