"""Derivation of the largest stable rate with heavy-ball momentum, for features of one variance: a loop gain of one."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._isotropic import gain_of_all_modes
from sgdtheory.processes.gaussian_features import gaussian_features_with_momentum
from sgdtheory.symbols import d as dimension
from sgdtheory.symbols import eta, lambda_max, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features_with_momentum)
    gain = gain_of_all_modes(d)
    (limit,) = sp.solve(gain - 1, eta)
    d.add(
        "The noise that the spread makes sustains the spread where q = 1; q grows from zero with the learning rate, and"
        " reaches one at",
        "eta*",
        limit,
        2 * m * (1 - mu**2) / (lambda_max * ((1 + mu) * (dimension + 1) + m * (1 - mu))),
    )
    return d
