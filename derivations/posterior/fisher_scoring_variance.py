"""Derivation of the posterior as the law of Fisher scoring: a step leaves its second moments as they are."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.posterior._matching import keeps_the_posterior
from sgdtheory.processes.fisher_scoring import fisher_scoring

N_ii, N_jj = sp.symbols("N_ii N_jj", nonnegative=True)
N_ij = sp.Symbol("N_ij", real=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(fisher_scoring)
    told = "the noise's covariance N = C/m + E/eta and P = (2/eta) (D N + H)^-1"
    keeps_the_posterior(d, sp.Matrix([[N_ii, N_ij], [N_ij, N_jj]]), told)
    return d
