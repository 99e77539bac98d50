"""Derivation of the posterior as the law of preconditioned SGD: a step leaves its second moments as they are."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.posterior._matching import keeps_the_posterior
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import C_ii, C_ij, C_jj, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(preconditioned)
    keeps_the_posterior(d, sp.Matrix([[C_ii, C_ij], [C_ij, C_jj]]) / m, "P = (2 m/eta) (D C + m H)^-1")
    return d
