"""Derivation of the sum of all autocovariances: two geometric sums."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import fixed_point
from sgdtheory.derivations.momentum._premises import TURNED
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import autocovariance
from sgdtheory.symbols import C_ij, eta, k, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    known = d.add("The autocovariance, a result of its own", "Gamma_ij(k)", autocovariance.value, autocovariance.value)
    ratio = d.add("Each step of the lag multiplies it", "Gamma_ij(k+1)/Gamma_ij(k)", known.subs(k, k + 1) / known)
    first = known.subs(k, 0)
    later = d.add(
        "so that the sum G over lags from zero on solves G = Gamma(0) + ratio G",
        "G_ij",
        fixed_point(ratio, first),
        C_ij / (m * lambda_i * (lambda_i + lambda_j - eta * lambda_i * lambda_j)),
    )
    d.add(
        "Gamma_ij(-k) = Gamma_ji(k) gives the other side; lag zero counts once",
        "sum of Gamma_ij(k) over all lags",
        later + later.subs(TURNED, simultaneous=True) - first,
        C_ij / (m * lambda_i * lambda_j),
    )
    return d
