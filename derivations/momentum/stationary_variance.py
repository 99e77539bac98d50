"""Derivation of the variance of one parameter from the stationary covariance."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.momentum._premises import ONE_MODE
from sgdtheory.momentum import stationary_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ii, eta, lambda_, lambda_i, m, mu, sigma2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    variance = d.add(
        "The stationary covariance, a result of its own, with j = i",
        "Sigma_ii",
        stationary_covariance.value.subs(ONE_MODE),
    )
    data = sp.Symbol("y", real=True)
    c = sp.Symbol("c", real=True)
    scale = d.add(
        "A sample y of the loss lambda (theta - y)^2/2 moves the gradient by",
        "dg/dy",
        sp.diff(sp.diff(lambda_ * (c - data) ** 2 / 2, c), data),
        -lambda_,
    )
    d.add(
        "so that the gradient has the variance lambda^2 sigma^2",
        "Var[theta]",
        variance.subs({C_ii: scale**2 * sigma2, lambda_i: lambda_}),
        eta * lambda_ * sigma2 * (1 + mu) / (m * (1 - mu) * (2 * (1 + mu) - eta * lambda_)),
    )
    return d
