"""Derivation of the covariance of an average over a window at small learning rates."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.averaging import window_average_covariance
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ij, T, eta, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    s = sp.Symbol("s", positive=True)
    exact = window_average_covariance.value
    known = d.add("The exact value, a result of its own", "Cov[average]_ij", exact, exact)
    powers = sorted((power for power in known.atoms(sp.Pow) if power.exp == T), key=str)
    decays = [sp.exp(-s * mode) for mode in (lambda_i, lambda_j)]
    for power, decay in zip(sorted(powers, key=lambda power: not power.has(lambda_i)), decays, strict=True):
        d.add(
            "As the learning rate goes to zero with s = eta T held fixed, the power becomes an exponential",
            "lim (1 - eta lambda)^(s/eta)",
            sp.exp(sp.limit(sp.log(power.base) * s / eta, eta, 0)),
            decay,
        )
    exchanged = dict(zip(sorted(powers, key=lambda power: not power.has(lambda_i)), decays, strict=True))
    limit = d.add(
        "and the rest loses its corrections",
        "lim Cov[average]_ij/eta",
        sp.cancel(known.xreplace(exchanged).subs(T, s / eta) / eta).subs(eta, 0),
    )
    tails = (1 - sp.exp(-eta * T * lambda_i)) / lambda_i**2 + (1 - sp.exp(-eta * T * lambda_j)) / lambda_j**2
    d.add(
        "With s = eta T put back",
        "Cov[average]_ij",
        (eta * limit).subs(s, eta * T),
        C_ij / (m * T * lambda_i * lambda_j) - C_ij * tails / (m * eta * T**2 * (lambda_i + lambda_j)),
    )
    return d
