"""Derivation of the preconditioner of Fisher scoring along each mode in continuous time: steps become small."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.posterior._matching import P, S, second_moment
from sgdtheory.processes.fisher_scoring import fisher_scoring
from sgdtheory.symbols import C_ii, D, E_ii, eta, lambda_i, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(fisher_scoring)
    level = sp.Symbol("epsilon", positive=True)
    moment = second_moment(d, C_ii / m + E_ii / eta)
    rate = d.add(
        "Its change per unit of the time P t, with the level epsilon = P (eta C_ii/m + E_ii) of the noise",
        "(E[x_i'^2] - S_i)/P",
        ((moment - S) / P).expand().subs(E_ii, level / P - eta * C_ii / m).expand(),
        -2 * eta * lambda_i * S + eta * level + eta**2 * P * lambda_i**2 * S,
    )
    drift = d.add(
        "P goes to zero at fixed epsilon; then write epsilon out again",
        "dS_i/ds",
        rate.expand().subs(P, 0).subs(level, P * (eta * C_ii / m + E_ii)),
        -2 * eta * lambda_i * S + eta * P * (eta * C_ii / m + E_ii),
    )
    share = d.add(
        "It vanishes at one variance; over that of the posterior, 1/(D lambda_i)",
        "D lambda_i S_i",
        D * lambda_i * sp.solve(drift, S)[0],
        D * P * (eta * C_ii / m + E_ii) / 2,
    )
    d.add("This is one at", "P_i", sp.solve(share - 1, P)[0], 2 / (D * (eta * C_ii / m + E_ii)))
    return d
