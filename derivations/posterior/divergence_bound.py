"""Derivation of a lower bound on the divergence from the posterior: correlations between modes can only add to it."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.posterior import divergence
from sgdtheory.processes.additive_noise import additive_noise


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    alone = d.add("Were the modes uncorrelated: a result of its own", "KL, mode i", divergence.value, divergence.value)
    S_i, S_j = sp.symbols("S_i S_j", positive=True)
    S_ij = sp.Symbol("S_ij", real=True)
    product, determinant = (sp.Matrix([[S_i, c], [c, S_j]]).det() for c in (0, S_ij))
    d.add(
        "Correlations leave the energy D E[L - L*] as it is. Of the entropy they take half the logarithm of the product"
        " of the variances over the determinant: with the squared correlation below one this is positive. In more"
        " dimensions the determinant is no larger than the product by Hadamard's inequality",
        "(S_i S_j - det S)/(S_i S_j)",
        (product - determinant) / product,
        S_ij**2 / (S_i * S_j),
    )
    d.add("Hence the divergence is at least the sum over modes of", "KL, mode i", alone, alone)
    return d
