"""Derivation of the variance with asynchronous workers: four second moments close, and their system is solved."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.asynchrony._premises import A, B, Q, R, noise_of_bowls, second_moments
from sgdtheory.processes.old_parameters import asynchronous
from sgdtheory.symbols import W, eta, lambda_, m, sigma2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(asynchronous)
    after = second_moments(d, noise_of_bowls(d))
    (solution,) = sp.solve([later - now for now, later in after.items()], [A, B, Q, R], dict=True)
    for now, later in after.items():
        d.add(
            "Stationary: the solution of the four, put back, comes back",
            f"{now}'",
            later.subs(solution),
            sp.factor(solution[now]),
        )
    d.add(
        "The first of them",
        "Var[theta]",
        solution[A],
        eta * lambda_ * sigma2 * (1 + W * eta * lambda_) / (m * (2 + eta * lambda_ - W * eta**2 * lambda_**2)),
    )
    return d
