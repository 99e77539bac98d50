"""Derivation of the orbits' frequency: the mean motion is linear, without trace, and its square is minus omega^2."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.diffusion._currents import turning
from sgdtheory.derivations.diffusion._two_modes import correlated, of_two_modes
from sgdtheory.derivations.quadratic._premises import CENTRED, S, pair_of_modes, x_i, x_j
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance
from sgdtheory.symbols import R_12, eta, lambda_1, lambda_2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    first, second = pair_of_modes(d)
    turned = d.add(
        "The later along one mode times the earlier along the other, less the two exchanged",
        "K_ij = E[x_i' x_j] - E[x_i x_j']",
        expectation(sp.expand(first * x_j - x_i * second), CENTRED, {(x_i, x_j): S}),
    )
    covariance = d.add("The stationary covariance, a result of its own", "Sigma_ij", stationary_covariance.value)
    K = turned.subs(S, covariance)
    Sigma, turn = of_two_modes(covariance), sp.Matrix([[0, K], [-K, 0]])
    spread = R_12 * lambda_1 * lambda_2 * (2 - eta * lambda_1) * (2 - eta * lambda_2)
    joint = (lambda_1 + lambda_2 - eta * lambda_1 * lambda_2) ** 2
    turning(
        d,
        "E[x_(t+1) | x_t] and E[x_(t-1) | x_t] are regressions on x_t: half their difference is M x_t with"
        " M = K Sigma^-1/2",
        correlated((turn * Sigma.adjugate()).trace() / (2 * Sigma.det())),
        correlated(turn.det() / (4 * Sigma.det())),
        spread / (joint - spread),
    )
    return d
