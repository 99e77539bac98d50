"""Derivation of the limit: what SGD adds to the test loss vanishes with the learning rate."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic import sgd_test_penalty
from sgdtheory.symbols import eta


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    penalty = d.add(
        "What SGD adds to the expected test loss, a result of its own",
        "E[L_SGD - L_batch], mode i",
        sgd_test_penalty.value,
    )
    d.add(
        "It is continuous in the learning rate, and zero at zero",
        "E[L_SGD - L_batch]",
        sp.limit(penalty, eta, 0),
        penalty.subs(eta, 0),
    )
    return d
