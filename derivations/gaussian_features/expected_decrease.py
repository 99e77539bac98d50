"""Derivation of the expected decrease of the loss in one step at the best learning rate."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._next_step import best_rate
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import L_0, eta, g2, gHg, m, sigma_y2, trH2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    after, best = best_rate(d)
    d.add(
        "The decrease at the best rate",
        "L - E[L']",
        L_0 - after.subs(eta, best),
        m * g2**2 / (2 * ((m + 1) * gHg + (2 * L_0 + sigma_y2) * trH2)),
    )
    return d
