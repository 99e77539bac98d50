"""Stationary second moments of a pair of modes with momentum, which results of this family take their values from."""

from __future__ import annotations

import sympy as sp

from sgdtheory.algebra.derivation import Derivation, tidy
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import moment_recursion
from sgdtheory.derivations.momentum._degrees import in_degrees, positive
from sgdtheory.derivations.momentum._premises import STATE, pair_of_modes, settling, v_i, v_j
from sgdtheory.derivations.quadratic._premises import NOISE, n_i, n_j, x_i, x_j
from sgdtheory.processes.additive_noise import additive_noise_with_momentum, additive_noise_with_nesterov
from sgdtheory.symbols import eta, lambda_i, lambda_j, m, mu

PAIRS = {one * other: (one, other) for one in (x_i, v_i) for other in (x_j, v_j)}
UNKNOWN = dict(zip(PAIRS, sp.symbols("S_ij Y_ij Z_ij W_ij", real=True), strict=True))

# What the second moments of a pair with momentum are divided by; eta/(1 - mu) times C/m stands above.
spread = (
    lambda_i
    + lambda_j
    - eta * lambda_i * lambda_j / (1 + mu)
    + eta * mu * (lambda_i - lambda_j) ** 2 / ((1 - mu) ** 2 * (1 + mu))
)

# The same for Nesterov momentum, in the factors by which plain SGD multiplies a mode, and letters for these.
a_i, a_j = 1 - eta * lambda_i, 1 - eta * lambda_j
A_i, A_j = sp.symbols("a_i a_j", real=True)
nesterov_spread = (
    1
    - (1 + 2 * mu + 3 * mu**2) * a_i * a_j
    - mu**2 * (1 + 2 * mu) * (a_i * a_j) ** 2
    + mu * (1 + mu) ** 2 * a_i * a_j * (a_i + a_j)
)

Moments = dict[sp.Expr, sp.Expr]


def heavy_ball_moments() -> tuple[Derivation, Moments]:
    """Derive the stationary second moments with momentum; return the derivation so far too."""
    d = Derivation(additive_noise_with_momentum)
    return d, stationary_moments(d, pair_of_modes(d))


def nesterov_moments() -> tuple[Derivation, Moments]:
    """Derive the stationary second moments with Nesterov momentum; return the derivation so far too."""
    d = Derivation(additive_noise_with_nesterov)
    curvatures = {lambda_i: (1 - A_i) / eta, lambda_j: (1 - A_j) / eta}
    after = [part.subs(curvatures) for part in pair_of_modes(d)]
    after[0] = d.add(
        "Write a_i for 1 - eta lambda_i, the factor by which plain SGD multiplies a mode",
        "x_i'",
        after[0],
        _sorted(after[0]),
    )
    after[1] = d.add("and", "v_i'", after[1], _sorted(after[1]))
    moments = stationary_moments(d, tuple(after), graded=(A_i, A_j))
    return d, {moment: value.subs({A_i: a_i, A_j: a_j}) for moment, value in moments.items()}


def stationary_moments(d: Derivation, after: tuple[sp.Expr, ...], graded: tuple[sp.Symbol, ...] = (eta,)) -> Moments:
    """Derive the stationary second moments of a pair of modes: a linear system, whose solution is put back.

    Polynomials are written by their degree in the graded symbols.
    """
    settling(d, after)
    noise = {n_i: 0, n_j: 0}
    recursion = moment_recursion(list(after), STATE, lambda e: expectation(e, noise, NOISE))
    place = {moment: number for number, moment in enumerate(recursion.moments)}
    primed = dict(zip(STATE, after, strict=True))

    def next_of(moment: sp.Expr, values: Moments, scale: sp.Expr = sp.S.One) -> sp.Expr:
        row, added = recursion.matrix.row(place[moment]), tidy(recursion.added[place[moment]])
        return sum(tidy(row[place[other]]) * values[other] for other in PAIRS) + scale * added

    known = {**NOISE, **{pair: UNKNOWN[moment] for moment, pair in PAIRS.items()}}
    for first, (moment, (one, other)) in enumerate(PAIRS.items()):
        d.add(
            "likewise"
            if first
            else "Multiply and take the expectation; the noise is independent of the state, has mean zero and"
            " covariance C/m. Write S, Y, Z, W for E[x_i x_j], E[x_i v_j], E[v_i x_j], E[v_i v_j]"
            " before the step",
            f"E[{one}' {other}']",
            expectation(primed[one] * primed[other], dict.fromkeys((*STATE, n_i, n_j), 0), known),
            next_of(moment, UNKNOWN),
        )
    solution = {moment: value for moment, value in recursion.stationary().items() if moment in PAIRS}
    divisor = sp.lcm_list([sp.denom(sp.cancel(value)) for value in solution.values()])
    divisor = m * in_degrees(positive(sp.expand(divisor / m), graded), graded)
    above = {moment: in_degrees(tidy(value * divisor), graded) for moment, value in solution.items()}
    d.add("Stationary: these four are as they were; their linear system has the divisor", "D_ij", divisor, divisor)
    for first, (moment, (one, other)) in enumerate(PAIRS.items()):
        d.add(
            "likewise" if first else "and its solution, put into the recursion and multiplied by D_ij, comes back",
            f"E[{one}' {other}'] D_ij",
            next_of(moment, above, divisor),
            above[moment],
        )
    return {moment: value / divisor for moment, value in above.items()}


def _sorted(part: sp.Expr) -> sp.Expr:
    """Return a step with one term for each letter of the state and the noise."""
    return sp.collect(sp.expand(part), (*STATE, n_i, n_j), sp.factor)
