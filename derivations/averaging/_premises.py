"""What derivations of averages start from: a step of the parameters, and what it does to an average of them."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import moment_recursion
from sgdtheory.derivations.quadratic._expected_forms import excess_loss, stationary_mean
from sgdtheory.derivations.quadratic._premises import NOISE, n_i, n_j, pair_of_modes, x_i, x_j
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ii, C_ij, alpha, lambda_i, lambda_j

ONE_MODE = {lambda_j: lambda_i, C_ij: C_ii}
TURNED = {lambda_i: lambda_j, lambda_j: lambda_i}

# An exponential average of a mode.
w_i, w_j = sp.symbols("w_i w_j", real=True)

Moments = Mapping[sp.Expr, sp.Expr]


def averaged(d: Derivation, places: tuple[sp.Expr, sp.Expr]) -> tuple[sp.Expr, sp.Expr]:
    """State what a step does to an exponential average of a pair of modes, from their displacements after it."""
    first = d.add(
        "The average takes in the new parameters with the weight alpha; w is its displacement along mode i",
        "w_i'",
        (1 - alpha) * w_i + alpha * places[0],
    )
    return first, d.add("and along mode j", "w_j'", (1 - alpha) * w_j + alpha * places[1])


def second_moments(after: tuple[sp.Expr, ...], state: tuple[sp.Symbol, ...]) -> Moments:
    """Return the stationary moments of a state; the noise is independent of it."""
    return moment_recursion(list(after), state, lambda e: expectation(e, {n_i: 0, n_j: 0}, NOISE)).stationary()


def exponential_average() -> tuple[Derivation, sp.Expr]:
    """Derive the stationary covariance of an exponential average of SGD; return the derivation so far too."""
    d = Derivation(additive_noise)
    places = pair_of_modes(d)
    averages = averaged(d, places)
    state = (x_i, w_i, x_j, w_j)
    after = (places[0], averages[0], places[1], averages[1])
    moments = second_moments(after, state)
    pairs = {one * other: (one, other) for one in (x_i, w_i) for other in (x_j, w_j)}
    known = {**NOISE, **{pair: moments[moment] for moment, pair in pairs.items()}}
    primed = dict(zip(state, after, strict=True))
    for first, (moment, (one, other)) in enumerate(pairs.items()):
        d.add(
            "likewise"
            if first
            else "Stationary: the second moments of displacements and averages are as they were. The solution of these"
            " four linear equations, put into a step, comes back",
            f"E[{one}' {other}']",
            sp.factor(expectation(primed[one] * primed[other], dict.fromkeys((*state, n_i, n_j), 0), known)),
            sp.factor(moments[moment]),
        )
    return d, sp.factor(moments[w_i * w_j])


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
