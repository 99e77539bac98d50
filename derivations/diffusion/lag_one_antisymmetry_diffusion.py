"""Derivation of the limit of the antisymmetric lag-one covariance: area swept by the current in a time eta."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.diffusion._currents import CENTRED_MODES, diffusion
from sgdtheory.derivations.quadratic._premises import S, x_i, x_j
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance_diffusion
from sgdtheory.symbols import eta, lambda_i, lambda_j


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    drift, _ = diffusion(d)
    rate = d.add(
        "What the drift adds per unit of time to the later displacement times the earlier, less the two exchanged; the"
        " noise adds nothing, being independent of the earlier one",
        "E[b_i x_j] - E[x_i b_j]",
        expectation(sp.expand(drift[0] * x_j - x_i * drift[1]), CENTRED_MODES, {(x_i, x_j): S}),
        -(lambda_i - lambda_j) * S,
    )
    covariance = d.add(
        "The stationary covariance, a result of its own", "Sigma_ij", stationary_covariance_diffusion.value
    )
    d.add("A step takes the time eta", "Gamma_ij(1) - Gamma_ji(1)", eta * rate.subs(S, covariance))
    return d
