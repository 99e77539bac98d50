"""Derivation of the antisymmetric part of the lag-one covariance: only the pull differs between the two orders."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic._premises import CENTRED, S, pair_of_modes, x_i, x_j
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance
from sgdtheory.symbols import eta, lambda_i, lambda_j


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    first, second = pair_of_modes(d)
    turned = d.add(
        "The later along one mode times the earlier along the other, less the two exchanged; the new noise is"
        " independent of the earlier displacement",
        "E[x_i' x_j] - E[x_i x_j']",
        expectation(sp.expand(first * x_j - x_i * second), CENTRED, {(x_i, x_j): S}),
        -eta * (lambda_i - lambda_j) * S,
    )
    covariance = d.add("The stationary covariance, a result of its own", "Sigma_ij", stationary_covariance.value)
    d.add("Put it in", "Gamma_ij(1) - Gamma_ji(1)", turned.subs(S, covariance))
    return d
