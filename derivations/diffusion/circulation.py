"""Derivation of the circulation matrix: the commutator of the Hessian with the stationary covariance."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.diffusion._currents import CENTRED_MODES, pulls
from sgdtheory.derivations.quadratic._premises import S, x_i, x_j
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance
from sgdtheory.symbols import eta, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    along_i, along_j = pulls(d)
    turned = d.add(
        "The commutator of H with the second moments S: what the pull along one mode has to do with the other mode",
        "(H S - S H)_ij",
        expectation(along_i * x_j - x_i * along_j, CENTRED_MODES, {(x_i, x_j): S}),
        (lambda_i - lambda_j) * S,
    )
    covariance = d.add("The stationary covariance, a result of its own", "Sigma_ij", stationary_covariance.value)
    d.add("Hence, in units of the noise level", "Q_ij", sp.simplify(m / eta * turned.subs(S, covariance)))
    return d
