"""Derivation of the mean squared displacement: twice what is left of the variance when the covariance is taken off."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import autocovariance, stationary_covariance
from sgdtheory.symbols import C_ii, C_ij, lambda_i, lambda_j

later, earlier, S, G = sp.symbols("y_i x_i S_ii G_ii", real=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    distance = d.add(
        "Along one mode, both looks having the stationary variance S and the covariance G with each other",
        "E[(y_i - x_i)^2]",
        expectation(
            sp.expand((later - earlier) ** 2),
            {later: 0, earlier: 0},
            {(later, later): S, (later, earlier): G, (earlier, earlier): S},
        ),
        2 * (S - G),
    )
    same = {lambda_j: lambda_i, C_ij: C_ii}
    variance = d.add("The stationary variance, a result of its own", "Sigma_ii", stationary_covariance.value.subs(same))
    kept = d.add("The lagged autocovariance, a result of its own", "Gamma_ii(k)", autocovariance.value.subs(same))
    d.add("Put both in, and sum over the modes", "E|theta_(t+k) - theta_t|^2", distance.subs({S: variance, G: kept}))
    return d
