"""Derivation of the excess loss at an exponential average of SGD with momentum."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.averaging._premises import averaged, w_i
from sgdtheory.derivations.momentum._premises import ONE_MODE, pair_of_modes, v_i
from sgdtheory.derivations.quadratic._expected_forms import excess_loss
from sgdtheory.derivations.quadratic._premises import n_i, x_i
from sgdtheory.momentum import position_velocity_covariance, stationary_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ii, alpha, eta, lambda_i, m, mu

# E[x^2], E[x v], E[x w], E[v w], E[w^2] of one mode.
S, K, A, B, Q = sp.symbols("S_i K_i A_i B_i Q_i", real=True)
CENTRED = dict.fromkeys((x_i, v_i, w_i, n_i), 0)
KEPT = 1 - alpha


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise_with_momentum)
    after = pair_of_modes(d)
    average, _ = averaged(d, (after[0], after[2]))
    square = average_square(d, after, average)
    moments = {S: stationary_covariance.value, K: position_velocity_covariance.value}
    known = {
        moment: d.add(
            "The moments of a step, results of their own with j = i" if moment == S else "and",
            shown,
            moments[moment].subs(ONE_MODE),
        )
        for moment, shown in ((S, "S_i"), (K, "K_i"))
    }
    shown, part = excess_loss(d)
    d.add(
        "The loss at the average, of mean zero, is the same function of w_i",
        shown,
        expectation(part.subs(x_i, w_i), {w_i: 0}, {(w_i, w_i): square.subs(known)}),
        eta
        * alpha
        * C_ii
        * ((1 + mu) * (1 + KEPT) * (1 - KEPT * mu) - KEPT * (1 - mu) * eta * lambda_i)
        / (
            2
            * m
            * (2 - alpha)
            * (1 - mu)
            * (2 * (1 + mu) - eta * lambda_i)
            * (alpha * (1 - KEPT * mu) + KEPT * eta * lambda_i)
        ),
    )
    return d


def average_square(d: Derivation, after: tuple[sp.Expr, ...], average: sp.Expr) -> sp.Expr:
    """Derive the stationary mean square of the average from those of displacement and velocity."""

    def mean(product: sp.Expr) -> sp.Expr:
        return expectation(product, CENTRED, {(x_i, w_i): A, (v_i, w_i): B})

    ahead = d.add(
        "Write S, K, A, B, Q for E[x_i^2], E[x_i v_i], E[x_i w_i], E[v_i w_i], E[w_i^2], which a step leaves as they"
        " are. The new noise is independent of the average before it",
        "E[x_i' w_i]",
        mean(after[0] * w_i),
        (1 - eta * lambda_i) * A - eta * mu * B,
    )
    pushed = d.add("likewise", "E[v_i' w_i]", mean(after[1] * w_i), lambda_i * A + mu * B)
    place, velocity, weight = sp.symbols("x' v' w", real=True)
    taken = average.subs(w_i, weight).subs(after[0], place).subs(weight, w_i)
    new = {(place, place): S, (velocity, place): K, (place, w_i): ahead, (velocity, w_i): pushed, (w_i, w_i): Q}
    centred = {place: 0, velocity: 0, w_i: 0}
    crossed = [
        d.add("The average takes in the new displacement" if one == place else "likewise", shown, value, written)
        for one, shown, value, written in (
            (place, "A_i", expectation(place * taken, centred, new), KEPT * ahead + alpha * S),
            (velocity, "B_i", expectation(velocity * taken, centred, new), KEPT * pushed + alpha * K),
        )
    ]
    solution = sp.solve([crossed[0] - A, crossed[1] - B], [A, B])
    back = d.add(
        "Two linear equations; their solution, put into the first moment",
        "E[x_i' w_i]",
        ahead.subs(solution),
    )
    total = d.add(
        "and the square, w_i' being (1 - alpha) w_i + alpha x_i'",
        "E[w_i'^2]",
        expectation(taken**2, centred, new).subs({A: solution[A], B: solution[B]}),
        KEPT**2 * Q + 2 * alpha * KEPT * back + alpha**2 * S,
    )
    return d.add("It is as it was", "Q_i", fixed_point(*coefficients(sp.expand(total), Q)))
