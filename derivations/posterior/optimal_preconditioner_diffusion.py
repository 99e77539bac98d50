"""Derivation of the preconditioner along each mode in continuous time: steps and noise level go to zero together."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.posterior._matching import P, S, second_moment
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import C_ii, D, eta, lambda_i, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(preconditioned)
    level = sp.Symbol("epsilon", positive=True)
    moment = second_moment(d, C_ii / m)
    rate = d.add(
        "Its change per unit of the time P t, with the level epsilon = P/m of the noise",
        "(E[x_i'^2] - S_i)/P",
        ((moment - S) / P).expand().subs(m, P / level).expand(),
        -2 * eta * lambda_i * S + eta**2 * level * C_ii + eta**2 * P * lambda_i**2 * S,
    )
    drift = d.add(
        "P goes to zero at fixed epsilon; then write epsilon = P/m again",
        "dS_i/ds",
        rate.expand().subs(P, 0).subs(level, P / m),
        -2 * eta * lambda_i * S + eta**2 * P * C_ii / m,
    )
    share = d.add(
        "It vanishes at one variance; over that of the posterior, 1/(D lambda_i)",
        "D lambda_i S_i",
        D * lambda_i * sp.solve(drift, S)[0],
        D * eta * P * C_ii / (2 * m),
    )
    d.add("This is one at", "P_i", sp.solve(share - 1, P)[0])
    return d
