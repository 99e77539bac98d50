"""Derivation of the preconditioner along each mode with which Fisher scoring has the posterior's variance."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.posterior._matching import P, S, second_moment
from sgdtheory.processes.fisher_scoring import fisher_scoring
from sgdtheory.symbols import C_ii, D, E_ii, eta, lambda_i, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(fisher_scoring)
    moment = second_moment(d, C_ii / m + E_ii / eta)
    variance = d.add(
        "Stationary: it is as it was; where eta P lambda_i < 2 every start tends to this",
        "S_i",
        fixed_point(*coefficients(moment, S)),
        P * (eta * C_ii / m + E_ii) / (lambda_i * (2 - eta * P * lambda_i)),
    )
    share = D * lambda_i * variance
    (step,) = sp.solve(sp.numer(sp.together(share - 1)), P)
    d.add(
        "It is that of the posterior, 1/(D lambda_i), at one P only; the law being Gaussian, it is then the posterior",
        "D lambda_i S_i - 1",
        share - 1,
        (D * (eta * C_ii / m + E_ii) + eta * lambda_i) * (P - step) / (2 - eta * P * lambda_i),
    )
    d.add("Hence", "P_i", step, 2 / (D * (eta * C_ii / m + E_ii) + eta * lambda_i))
    return d
