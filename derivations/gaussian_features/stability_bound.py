"""Derivation of a learning rate that is stable for all Gaussian features of a trace and a largest variance."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._modes import share_of_a_mode
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import eta, lambda_i, lambda_max, m, trH


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    share = share_of_a_mode(d)
    numerator, denominator = sp.fraction(sp.together(share))
    larger = numerator / denominator.subs(lambda_i, lambda_max)
    d.add(
        "The largest curvature in the denominator makes it no smaller, as long as the denominator stays positive",
        "1/share - 1/larger share",
        1 / share - 1 / larger,
        (m + 1) * (lambda_max - lambda_i) / lambda_i,
    )
    total = d.add(
        "The larger shares add up to",
        "sum of the larger shares",
        larger / lambda_i * trH,
        eta * trH / (2 * m - (m + 1) * eta * lambda_max),
    )
    d.add(
        "which is one, so that q is no more than one, at",
        "eta",
        sp.solve(total - 1, eta)[0],
        2 * m / (trH + (m + 1) * lambda_max),
    )
    return d
