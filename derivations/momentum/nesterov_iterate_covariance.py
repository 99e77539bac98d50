"""Derivation of the covariance of the iterates between the look-ahead points: a combination of second moments."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.momentum._moments import PAIRS, UNKNOWN, a_i, a_j, nesterov_moments, nesterov_spread
from sgdtheory.derivations.momentum._premises import v_i, v_j, x_i, x_j
from sgdtheory.symbols import C_ij, eta, m, mu


def derive() -> Derivation:
    """Return the derivation."""
    d, moments = nesterov_moments()
    ahead = dict(zip((x_i, x_j), sp.symbols("y_i y_j", real=True), strict=True))
    iterate = {
        x: d.add(
            "The parameters lie ahead of the iterate y by its last step mu times, and that step is -eta v"
            if x == x_i
            else "and along mode j",
            str(ahead[x]),
            sp.solve(sp.Eq(x, ahead[x] + mu * (-eta * v)), ahead[x])[0],
            x + eta * mu * v,
        )
        for x, v in ((x_i, v_i), (x_j, v_j))
    }
    known = {pair: UNKNOWN[moment] for moment, pair in PAIRS.items()}
    product = d.add(
        "Multiply and take the expectation",
        "E[y_i y_j]",
        expectation(iterate[x_i] * iterate[x_j], dict.fromkeys((x_i, v_i, x_j, v_j), 0), known),
    )
    d.add(
        "The stationary moments, put in",
        "Cov[x]_ij",
        product.subs({UNKNOWN[moment]: moments[moment] for moment in PAIRS}),
        eta**2 * C_ij * (1 - mu**2 * a_i * a_j) / (m * nesterov_spread),
    )
    return d
