"""Derivation of the covariance of two modes of Nesterov's iterates: a combination of four second moments."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic_sums._pair_moments import FACTORS, LEFT, a_1, a_2, stationary_pair
from sgdtheory.derivations.quadratic_sums._two_modes import w_1, w_2, x_1, x_2
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_nesterov
from sgdtheory.symbols import c_12, eta, mu, p


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature_with_nesterov)
    gains, noise = stationary_pair(d)
    iterate = sp.Symbol("y", real=True)
    behind = [
        d.add(
            "The parameters lie ahead of the iterate y by mu times its last step, which is -eta w"
            if number == 1
            else "and along the other",
            f"y_{number}",
            sp.solve(sp.Eq(x, iterate + mu * (-eta * w)), iterate)[0],
            x + eta * mu * w,
        )
        for number, (x, w) in enumerate(((x_1, w_1), (x_2, w_2)), 1)
    ]
    means = dict.fromkeys((x_1, x_2, w_1, w_2), sp.Integer(0))
    gain = d.add(
        "Multiply, take the expectation and put the stationary moments in; over the noise it is",
        "Cov[y]_12 / N_12",
        expectation(behind[0] * behind[1], means, gains),
    )
    written = eta**2 * p * c_12 * (1 - mu**2 * a_1 * a_2) / LEFT
    covariance = d.add("and times the noise", "Cov[y]_12", gain * noise, written)
    d.add("In the curvatures", "Cov[y]_12", covariance.subs(FACTORS), covariance.subs(FACTORS))
    return d
