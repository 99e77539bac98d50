"""Stationary second moments of a pair of modes with momentum, which results of this family take their values from."""

from __future__ import annotations

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import moment_recursion
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

# The same for Nesterov momentum, in the factors by which plain SGD multiplies a mode.
a_i, a_j = 1 - eta * lambda_i, 1 - eta * lambda_j
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
    return d, stationary_moments(d, pair_of_modes(d))


def stationary_moments(d: Derivation, after: tuple[sp.Expr, ...]) -> Moments:
    """Derive the stationary second moments of a pair of modes: a linear system, whose solution is put back."""
    settling(d, after)
    noise = {n_i: 0, n_j: 0}
    recursion = moment_recursion(list(after), STATE, lambda e: expectation(e, noise, NOISE))
    place = {moment: number for number, moment in enumerate(recursion.moments)}
    primed = dict(zip(STATE, after, strict=True))

    def next_of(moment: sp.Expr, values: Moments) -> sp.Expr:
        row = recursion.matrix.row(place[moment])
        return sum(sp.factor(row[place[other]]) * values[other] for other in PAIRS) + recursion.added[place[moment]]

    known = {**NOISE, **{pair: UNKNOWN[moment] for moment, pair in PAIRS.items()}}
    for first, (moment, (one, other)) in enumerate(PAIRS.items()):
        d.add(
            "likewise"
            if first
            else "Multiply and take the expectation; the noise is independent of the state, has mean zero and"
            " covariance C/m. Write S, Y, Z, W for the moments of xx, xv, vx, vv before the step",
            f"E[{one}' {other}']",
            expectation(primed[one] * primed[other], dict.fromkeys((*STATE, n_i, n_j), 0), known),
            next_of(moment, UNKNOWN),
        )
    solution = {moment: sp.cancel(value) for moment, value in recursion.stationary().items() if moment in PAIRS}
    divisor = _read(sp.lcm_list([sp.denom(value) for value in solution.values()]))
    d.add("Stationary: these four are as they were; their linear system has the divisor", "D_ij", divisor, divisor)
    for first, (moment, (one, other)) in enumerate(PAIRS.items()):
        d.add(
            "likewise" if first else "and its solution, put into the recursion, comes back",
            f"E[{one}' {other}'] D_ij",
            next_of(moment, solution) * divisor,
            sp.factor(solution[moment] * divisor),
        )
    return solution


def _read(divisor: sp.Expr) -> sp.Expr:
    """Return a divisor in powers of the learning rate, with the sign that is positive for small rates."""
    numerator = sp.Poly(sp.expand(divisor / m), eta)
    sign = 1 if numerator.nth(0).subs(mu, 0).subs(lambda_j, lambda_i).is_positive else -1
    powers = range(numerator.degree() + 1)
    return m * sum(sp.factor(sign * numerator.nth(power)) * eta**power for power in powers)
