"""Derivation of the heavy ball of the mean: the sum of what the workers hold is its velocity in disguise."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.asynchrony._premises import modes, s, y_i
from sgdtheory.derivations.quadratic._premises import n_i, x_i
from sgdtheory.processes.old_parameters import asynchronous
from sgdtheory.symbols import W, eta, lambda_i

x_1, x_2 = sp.symbols("x_1 x_2", real=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(asynchronous)
    (after,) = modes(d, (x_i, y_i, n_i, lambda_i))
    drawn = {n_i: 0, y_i: s / W}
    first = d.add(
        "Take the mean; with s the sum of what the W workers hold, E[y] = s/W, for each is drawn with the chance 1/W",
        "E[x_i']",
        expectation(after, drawn, {}),
        x_i - eta * lambda_i * s / W,
    )
    held = d.add(
        "The drawn worker reads the result: s' = s - y + x'",
        "E[s']",
        expectation(s - y_i + after, drawn, {}),
    )
    (total,) = sp.solve(first - x_1, s)
    second = d.add(
        "The mean of the next step, in terms of this one, E[x'] = x_1, and the one before",
        "E[x_i'']",
        first.subs({x_i: x_1, s: held}, simultaneous=True).subs(s, total),
        x_1 + (1 - 1 / W) * (x_1 - x_i) - eta * lambda_i * x_1 / W,
    )
    d.add(
        "a heavy ball of momentum 1 - 1/W, whose learning rate times gradient is what the momentum leaves of the step",
        "eta_mean",
        ((1 - 1 / W) * (x_1 - x_i) - (second - x_1)) / (lambda_i * x_1),
        eta / W,
    )
    return d
