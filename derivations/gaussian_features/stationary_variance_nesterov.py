"""Derivation of the stationary variance of a mode with Nesterov's momentum, from the loop gain."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._modes import WRITTEN, closed_loop, variance_of_a_mode
from sgdtheory.derivations.gaussian_features._premises import T
from sgdtheory.processes.gaussian_features import gaussian_features_with_nesterov
from sgdtheory.symbols import lambda_i, q, sigma_y2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features_with_nesterov)
    variance = variance_of_a_mode(d)
    d.add(
        "Put it in",
        "S_ii",
        variance.subs(T, closed_loop(d, variance)),
        WRITTEN[d.process.momentum, d.process.nesterov] * sigma_y2 / (lambda_i * (1 - q)),
    )
    return d
