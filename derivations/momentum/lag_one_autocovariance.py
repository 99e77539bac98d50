"""Derivation of the autocovariance at lag one: the next step times the parameters before it."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.momentum._moments import UNKNOWN, spread, stationary_moments
from sgdtheory.derivations.momentum._premises import pair_of_modes, v_i, x_i, x_j
from sgdtheory.derivations.quadratic._premises import n_i
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    after = pair_of_modes(d)
    moments = stationary_moments(d, after)
    still = UNKNOWN[x_i * x_j]
    turned = UNKNOWN[v_i * x_j]
    later = d.add(
        "The next displacement times the present one; the new noise is independent of both",
        "E[x_i' x_j]",
        expectation(after[0] * x_j, {x_i: 0, v_i: 0, n_i: 0, x_j: 0}, {(x_i, x_j): still, (v_i, x_j): turned}),
        (1 - eta * lambda_i) * still - eta * mu * turned,
    )
    d.add(
        "The stationary moments, put in",
        "Gamma_ij(1)",
        later.subs({still: moments[x_i * x_j], turned: moments[v_i * x_j]}),
        eta * C_ij * (1 - mu**2 - eta * (lambda_i - mu * lambda_j)) / (m * (1 - mu) ** 2 * (1 + mu) * spread),
    )
    return d
