"""Derivation of the stationary excess loss at a small learning rate, with the loop gain in proportion to it."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.series import leading_term
from sgdtheory.gaussian_features import stationary_excess_loss
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import eta, lambda_i, m, q, sigma_y2

GAIN = sp.Symbol("c", positive=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    value = d.add(
        "The exact value, a result of its own",
        "E[L] - L*, mode i",
        stationary_excess_loss.value,
        stationary_excess_loss.value,
    )
    order, coefficient = leading_term(value.subs(q, GAIN * eta), eta)
    d.add(
        "The loop gain falls with the learning rate, q = c eta; the expansion begins with",
        "E[L] - L*, mode i",
        coefficient * eta**order,
        eta * lambda_i * sigma_y2 / (4 * m),
    )
    return d
