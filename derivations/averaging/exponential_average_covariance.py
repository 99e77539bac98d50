"""Derivation of the covariance of an exponential average: the fixed points of three second moments, one by one."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.averaging._premises import averaged, w_i, w_j
from sgdtheory.derivations.quadratic._premises import NOISE, S, n_i, n_j, pair_of_modes, x_i, x_j
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ij, alpha, eta, lambda_i, lambda_j, m

# E[x_i w_j], E[w_i x_j], E[w_i w_j].
Y, Z, W = sp.symbols("Y_ij Z_ij W_ij", real=True)
KNOWN = {**NOISE, (x_i, x_j): S, (x_i, w_j): Y, (w_i, x_j): Z, (w_i, w_j): W}
a_i, a_j = 1 - eta * lambda_i, 1 - eta * lambda_j


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    places = pair_of_modes(d)
    averages = averaged(d, places)

    def mean(first: sp.Expr, second: sp.Expr) -> sp.Expr:
        return expectation(first * second, dict.fromkeys((x_i, x_j, w_i, w_j, n_i, n_j), 0), KNOWN)

    moved = a_i * a_j * S + eta**2 * C_ij / m
    step = d.add(
        "Multiply and take the expectation; the noise is independent of the state, has mean zero and covariance C/m."
        " Write S, Y, Z, W for E[x_i x_j], E[x_i w_j], E[w_i x_j], E[w_i w_j] before the step",
        "E[x_i' x_j']",
        mean(*places),
        moved,
    )
    crossed = [
        d.add("likewise", shown, mean(one, other), (1 - alpha) * factor * moment + alpha * moved)
        for shown, one, other, factor, moment in (
            ("E[x_i' w_j']", places[0], averages[1], a_i, Y),
            ("E[w_i' x_j']", averages[0], places[1], a_j, Z),
        )
    ]
    total = d.add(
        "likewise",
        "E[w_i' w_j']",
        mean(*averages),
        (1 - alpha) ** 2 * W + alpha * (1 - alpha) * (a_i * Y + a_j * Z) + alpha**2 * moved,
    )
    still = d.add("Stationary: the first is as it was", "S_ij", fixed_point(*coefficients(step, S)))
    settled = {S: still}
    for moment, after, curvature in zip((Y, Z), crossed, (lambda_i, lambda_j), strict=True):
        settled[moment] = d.add(
            "and so are the next two" if moment == Y else "likewise",
            str(moment),
            fixed_point(*coefficients(after.subs(S, still), moment)),
            alpha * still / (alpha + (1 - alpha) * eta * curvature),
        )
    d.add(
        "and the last, in terms of the factors (1 - alpha)(1 - eta lambda)",
        "Cov[average]_ij",
        fixed_point(*coefficients(total.subs(settled), W)),
        eta
        * alpha
        * C_ij
        * (1 - (1 - alpha) ** 2 * a_i * a_j)
        / (
            m
            * (2 - alpha)
            * (lambda_i + lambda_j - eta * lambda_i * lambda_j)
            * (alpha + (1 - alpha) * eta * lambda_i)
            * (alpha + (1 - alpha) * eta * lambda_j)
        ),
    )
    return d
