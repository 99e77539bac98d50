"""What steps leave of the second moments of two modes that all samples share: gains over the noise, and the noise."""

import sympy as sp

from sgdtheory.algebra.blocks import linear_solution
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients
from sgdtheory.derivations.quadratic_sums._two_modes import (
    BATCH,
    PAIRS,
    Moments,
    batch_of_two_modes,
    g_1,
    g_2,
    h_1,
    h_2,
    step_of_two_modes,
    x_1,
    x_2,
)
from sgdtheory.symbols import c_12, eta, lambda_1, lambda_2, mu, p, v_12

# The covariance of the noise of a batch's gradient along the two; the factors by which plain SGD multiplies them.
N, a_1, a_2 = sp.symbols("N_12 a_1 a_2", real=True)
FACTORS = {a_1: 1 - eta * lambda_1, a_2: 1 - eta * lambda_2}

# With Nesterov's momentum, as they are written: what noise leads to is eta^2 PUSHED over what is left below it.
PUSHED = 1 + 2 * mu + 2 * mu**2 + mu**2 * (1 + 2 * mu) * a_1 * a_2 - mu * (1 + mu) ** 2 * (a_1 + a_2)
LEFT = (
    1
    - (1 + 2 * mu + 3 * mu**2) * a_1 * a_2
    - mu**2 * (1 + 2 * mu) * (a_1 * a_2) ** 2
    + mu * (1 + mu) ** 2 * a_1 * a_2 * (a_1 + a_2)
    - eta**2 * p * v_12 * PUSHED
)


def stationary_pair(d: Derivation) -> tuple[Moments, sp.Expr]:
    """Derive the stationary second moments of two modes over the noise, and the noise, in the letters a_1 and a_2."""
    after = step_of_two_modes(d)
    covariances = batch_of_two_modes(d)
    spread = PAIRS[x_1, x_2]
    slopes = ((h_1 - lambda_1) * x_1 + g_1) * ((h_2 - lambda_2) * x_2 + g_2)
    noise = d.add(
        "About the full gradient a batch's gradient has the noise (h_B - lambda) x + g_B, whose covariance is called N",
        "N_12",
        expectation(slopes, BATCH, covariances).subs(x_1 * x_2, spread),
        p * (c_12 + v_12 * spread),
    )
    primed = _moments_after(d, after, covariances, sp.solve(noise - N, c_12)[0])
    gains = _gains(d, primed)
    (loop,) = sp.solve(noise.subs(spread, gains[x_1, x_2] * N) - N, N)
    settled = d.add("The noise drives the spread that it depends on: solved for the noise", "N_12", loop)
    return gains, settled


def _moments_after(d: Derivation, after: dict[sp.Symbol, sp.Expr], covariances: Moments, gradients: sp.Expr) -> Moments:
    """Derive the second moments after a step, in those before and in the noise; ``gradients`` is c_12 in these."""
    means = {**BATCH, h_1: (1 - a_1) / eta, h_2: (1 - a_2) / eta}
    primed: Moments = {}
    for number, (one, other) in enumerate(PAIRS):
        # What couples a curvature to a gradient is multiplied by a mean, which is zero.
        over_batches = expectation((after[one] * after[other]).expand(), means, covariances)
        primed[one, other] = d.add(
            "likewise"
            if number
            else "Multiply and take the expectation; the batch is independent of the state, whose mean is zero. Write a"
            " for 1 - eta lambda",
            f"E[{one}' {other}']",
            expectation(over_batches, dict.fromkeys(after, sp.Integer(0)), PAIRS).subs(c_12, gradients).expand(),
        )
    return primed


def _gains(d: Derivation, primed: Moments) -> Moments:
    """Derive the stationary second moments under noise of covariance one."""
    unknown = list(PAIRS.values())
    rows = [[coefficients(moment, name)[0] for name in unknown] for moment in primed.values()]
    added = [coefficients(moment, N)[0] for moment in primed.values()]
    solution = linear_solution(sp.eye(4) - sp.Matrix(rows), added, unknown)
    gains = dict(zip(PAIRS, solution, strict=True))
    values = {name: N * gains[pair] for pair, name in PAIRS.items()}
    for number, (pair, moment) in enumerate(primed.items()):
        d.add(
            "likewise" if number else "Stationary: these four are as they were; the solution, put in, comes back",
            f"E[{pair[0]}' {pair[1]}']",
            moment.subs(values, simultaneous=True),
            N * gains[pair],
        )
    return gains
