"""The step of one mode, its stationary variance, and the share of the noise that it returns."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, moment_recursion
from sgdtheory.derivations.gaussian_features._premises import T, n, noise_of_a_batch, v_i, x_i
from sgdtheory.processes.process import Process
from sgdtheory.symbols import eta, lambda_i, m, mu, q, sigma_y2

# The share of a mode, by momentum and nesterov, as it is written when it has been derived.
_pushed = eta * lambda_i * (1 + mu + mu * (1 + 2 * mu) * eta * lambda_i)
WRITTEN = {
    (False, False): eta * lambda_i / (2 * m - (m + 1) * eta * lambda_i),
    (True, False): eta
    * lambda_i
    * (1 + mu)
    / (m * (1 - mu) * (2 * (1 + mu) - eta * lambda_i) - eta * lambda_i * (1 + mu)),
    (True, True): _pushed
    / (m * (1 - mu + mu * eta * lambda_i) * (2 * (1 + mu) - (1 + 2 * mu) * eta * lambda_i) - _pushed),
}


def step_of_a_mode(d: Derivation) -> tuple[tuple[sp.Symbol, ...], list[sp.Expr]]:
    """State the step of one mode for a batch with the noise n; return its state and what becomes of it."""
    origin = sp.Symbol("theta*_i", real=True)
    where, minimum = sp.Matrix([origin + x_i]), sp.Matrix([origin])
    batch = sp.Matrix([[lambda_i]]), sp.Matrix([n])
    if not d.process.momentum:
        after = d.process.step(where, batch, learning_rate=eta, minimum=minimum)[0] - origin
        after = d.add(
            "The step of mode i, n being the noise of the batch's gradient about its mean",
            "x_i'",
            after,
            (1 - eta * lambda_i) * x_i - eta * n,
        )
        return (x_i,), [after]
    velocity = sp.Matrix([v_i])
    place, faster = d.process.move(where, velocity, batch, learning_rate=eta, momentum=mu, minimum=minimum)
    slope = lambda_i * x_i + n
    faster = d.add(
        "The step of mode i, n being the noise of the batch's gradient about its mean: the velocity",
        "v_i'",
        faster[0],
        mu * v_i + slope,
    )
    moved = slope + mu * (mu * v_i + slope) if d.process.nesterov else mu * v_i + slope
    return (x_i, v_i), [d.add("and the displacement", "x_i'", place[0] - origin, x_i - eta * moved), faster]


def square_after_a_step(d: Derivation) -> sp.Expr:
    """Derive the expected square of mode i after a step without momentum, from a given place."""
    variance, _, _ = noise_of_a_batch(d)
    _, (after,) = step_of_a_mode(d)
    return d.add(
        "Square it and take the expectation over the batch",
        "E[x_i'^2]",
        expectation(after**2, {n: 0}, {(n, n): variance}),
        (1 - eta * lambda_i) ** 2 * x_i**2 + eta**2 * lambda_i * (lambda_i * x_i**2 + T + sigma_y2) / m,
    )


def variance_of_a_mode(d: Derivation) -> sp.Expr:
    """Derive the stationary variance of mode i at a given sum T, from the derivation's process."""
    variance, _, _ = noise_of_a_batch(d)
    state, after = step_of_a_mode(d)
    recursion = moment_recursion(after, state, lambda part: expectation(part, {n: 0}, {(n, n): variance}))
    return d.add(
        "The noise varies with x, in x_i^2 itself and in T, whose expectation is the same at each step of a stationary"
        " run. The second moments of mode i obey a linear recursion, and what it leaves as it is has",
        "S_ii",
        recursion.stationary()[x_i**2],
        WRITTEN[d.process.momentum, d.process.nesterov] * (T + sigma_y2) / lambda_i,
    )


def share_of_a_mode(d: Derivation) -> sp.Expr:
    """Derive the share of T = E[x' H x] that mode i returns to it."""
    return share_of(d, variance_of_a_mode(d))


def share_of(d: Derivation, variance: sp.Expr) -> sp.Expr:
    """Derive the share of T that mode i returns to it from the variance of the mode."""
    return d.add(
        "T = E[x' H x] is the sum of lambda_i S_ii; mode i returns to it, of T itself, the share",
        "d (lambda_i S_ii)/dT",
        coefficients(lambda_i * variance, T)[0],
        WRITTEN[d.process.momentum, d.process.nesterov],
    )


def closed_loop(d: Derivation, variance: sp.Expr) -> sp.Expr:
    """Derive T from the loop gain q, the sum of the shares of all modes."""
    returned, driven = coefficients(variance, T)
    noise = d.add("Beside T the noise of the targets drives the mode, with the same factor", "drive", driven / returned)
    return d.add(
        "Summed over modes the shares are q, a result of its own: T = q (T + sigma_y^2), so that",
        "T",
        sp.solve(q * (T + noise) - T, T)[0],
        q * sigma_y2 / (1 - q),
    )


def settled_variance(process: Process) -> Derivation:
    """Derive the stationary variance of mode i from the loop gain."""
    d = Derivation(process)
    variance = variance_of_a_mode(d)
    d.add(
        "Put it in",
        "S_ii",
        variance.subs(T, closed_loop(d, variance)),
        WRITTEN[process.momentum, process.nesterov] * sigma_y2 / (lambda_i * (1 - q)),
    )
    return d
