"""Derivation of the autocovariance at lag one: the next step times the parameters before it."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.momentum._moments import UNKNOWN, spread
from sgdtheory.derivations.momentum._premises import TURNED, pair_of_modes, v_i, x_i, x_j
from sgdtheory.derivations.quadratic._premises import n_i
from sgdtheory.momentum import position_velocity_covariance, stationary_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    after = pair_of_modes(d)
    still, turned = UNKNOWN[x_i * x_j], UNKNOWN[v_i * x_j]
    later = d.add(
        "The next displacement times the present one; the new noise is independent of both. Write S for E[x_i x_j] and"
        " Z for E[v_i x_j]",
        "E[x_i' x_j]",
        expectation(after[0] * x_j, {x_i: 0, v_i: 0, n_i: 0, x_j: 0}, {(x_i, x_j): still, (v_i, x_j): turned}),
        (1 - eta * lambda_i) * still - eta * mu * turned,
    )
    moments = {
        still: stationary_covariance.value,
        turned: position_velocity_covariance.value.subs(TURNED, simultaneous=True),
    }
    d.add(
        "The stationary moments, results of their own, put in; Z_ij is the covariance of x_j with v_i",
        "Gamma_ij(1)",
        later.subs(moments),
        eta * C_ij * (1 - mu**2 - eta * (lambda_i - mu * lambda_j)) / (m * (1 - mu) ** 2 * (1 + mu) * spread),
    )
    return d
