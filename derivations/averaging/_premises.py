"""What derivations of averages start from: a step of the parameters, and what it does to an average of them."""

from __future__ import annotations

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.momentum._premises import ONE_MODE
from sgdtheory.derivations.quadratic._expected_forms import excess_loss, stationary_mean
from sgdtheory.derivations.quadratic._premises import x_i
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import alpha

# An exponential average of a mode.
w_i, w_j = sp.symbols("w_i w_j", real=True)


def averaged(d: Derivation, places: tuple[sp.Expr, sp.Expr]) -> tuple[sp.Expr, sp.Expr]:
    """State what a step does to an exponential average of a pair of modes, from their displacements after it."""
    first = d.add(
        "The average takes in the new parameters with the weight alpha; w is its displacement along mode i",
        "w_i'",
        (1 - alpha) * w_i + alpha * places[0],
        (1 - alpha) * w_i + alpha * places[0],
    )
    second = (1 - alpha) * w_j + alpha * places[1]
    return first, d.add("and along mode j", "w_j'", second, second)


def expected_loss(covariance: sp.Expr) -> Derivation:
    """Derive the expected loss at an average from its covariance; its mean is zero as that of the iterates is."""
    d = Derivation(additive_noise)
    mean = stationary_mean(d)
    shown, part = excess_loss(d)
    variance = d.add(
        "Variance of the average along mode i: the covariance with j = i", "Var[average]", covariance.subs(ONE_MODE)
    )
    d.add(
        "The loss at the average, whose mean is that of the iterates",
        shown,
        expectation(part, {x_i: mean}, {(x_i, x_i): variance}),
        sp.cancel(part / x_i**2) * variance,
    )
    return d
