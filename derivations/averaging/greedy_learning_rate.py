"""Derivation of the greedy schedule: the best rate for the mean square that its own steps have left."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.averaging._greedy import M, course
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import c, delta, lambda_, m, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(scheduled)
    best, square = course(d)
    d.add(
        "The best rate of the next step",
        "eta_t",
        sp.cancel(best.subs(M, square)),
        1 / (lambda_ * (t + 1 + c / (m * lambda_**2 * delta**2))),
    )
    return d
