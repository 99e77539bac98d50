"""Derivation of the limit of light damping: both the damping and the square root of the learning rate go to zero."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.momentum import damped_velocity_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, eta, gamma, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    s = sp.Symbol("s", positive=True)
    known = d.add(
        "The exact value, a result of its own",
        "Cov[v]_ij",
        damped_velocity_covariance.value,
        damped_velocity_covariance.value,
    )
    order = -1
    scaled = d.add(
        "Hold s = eta/gamma^2 fixed, and divide by the power of gamma with which it goes",
        "Cov[v]_ij/gamma^(-1)",
        sp.cancel(known.subs(eta, s * gamma**2) / gamma**order),
    )
    limit = d.add("The damping goes to zero", "its limit", scaled.subs(gamma, 0))
    bend = eta * (lambda_i - lambda_j) ** 2 / (2 * gamma**2)
    d.add(
        "With s and the power put back",
        "Cov[v]_ij",
        (limit * gamma**order).subs(s, eta / gamma**2),
        (lambda_i + lambda_j) * C_ij / (2 * m * gamma * (lambda_i + lambda_j + bend)),
    )
    return d
