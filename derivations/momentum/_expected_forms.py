"""Steps that results on the loss and on the gradient share, for a process with momentum."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import moment_recursion
from sgdtheory.derivations.momentum._premises import ONE_MODE, pair_of_modes, v_i
from sgdtheory.derivations.quadratic._expected_forms import Quantity
from sgdtheory.derivations.quadratic._premises import n_i, x_i
from sgdtheory.processes.process import Process


def expected(process: Process, quantity: Quantity, covariance: sp.Expr) -> Derivation:
    """Derive the stationary expectation of a quantity from the covariance of the parameters."""
    d = Derivation(process)
    after = pair_of_modes(d)
    means = moment_recursion(list(after[:2]), (x_i, v_i), lambda e: expectation(e, {n_i: 0}, {}), degree=1)
    mean = d.add(
        "The noise has mean zero, so no other mean is left as it is by a step",
        "E[x_i]",
        means.stationary()[x_i],
        sp.Integer(0),
    )
    shown, part = quantity(d)
    variance = d.add("Variance of mode i: the covariance with j = i", "Var[x_i]", covariance.subs(ONE_MODE))
    d.add(
        "Expectation of a square: variance plus squared mean",
        shown,
        expectation(part, {x_i: mean}, {(x_i, x_i): variance}),
        sp.cancel(part / x_i**2) * variance,
    )
    return d
