"""What stationarity alone says of one mode, whatever a batch's curvature and gradient are.

The batch's gradient is kept as it is; of its law only the mean enters, which is the full gradient.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.processes.process import Process
from sgdtheory.symbols import eta, lambda_i, mu

# Displacement and velocity of mode i, its batch gradient; the displacement along the other modes.
x_i, w_i, s_i, y = sp.symbols("x_i w_i g_i y", real=True)
# Of a batch: the curvature of mode i, what ties it to the other modes, the gradient at the minimum.
h_ii, h_iy, h_yy, g_i, g_y = sp.symbols("h_ii h_iy h_yy b_i b_y", real=True)
MEANS = {h_ii: lambda_i, h_iy: sp.Integer(0), g_i: sp.Integer(0)}

# E[x^2], E[x v], E[v^2] before a step, and E[g^2] of the batch gradient in it.
S, Y, W, G = sp.symbols("S_i Y_i W_i G_i", real=True)


@dataclass(frozen=True)
class Balance:
    """One mode of a stationary run.

    Attributes
    ----------
    derivation
        What has been derived so far.
    after
        Its displacement after a step, in its displacement, its velocity and its batch gradient.
    products
        Expectations of products of these three, in S.
    """

    derivation: Derivation
    after: sp.Expr
    products: dict[tuple[sp.Symbol, sp.Symbol], sp.Expr]

    def mean(self, product: sp.Expr) -> sp.Expr:
        """Return the stationary expectation of a product, in S = E[x_i^2]."""
        return expectation(product, dict.fromkeys((x_i, w_i, s_i), sp.Integer(0)), self.products)


def balance(process: Process) -> Balance:
    """Derive the stationary second moments of a mode from that they are the same after a step."""
    d = Derivation(process)
    slope = d.add(
        "The batch gradient along mode i of H, for a batch of curvature h with the gradient b at the minimum; y is the"
        " displacement along another mode, which stands for all others",
        "g_i",
        process.gradient(*_place_and_batch(), minimum=sp.zeros(2, 1))[0],
        h_ii * x_i + h_iy * y + g_i,
    )
    pulls = {
        (x_i, s_i): d.add(
            "A fresh batch is independent of the state, and its mean gradient is the full one",
            "E[x_i g_i]",
            expectation(x_i * slope, MEANS, {}).subs(x_i**2, S),
            lambda_i * S,
        )
    }
    if process.momentum:
        tied = expectation(w_i * slope, MEANS, {}).expand().subs(x_i * w_i, Y)
        pulls[w_i, s_i] = d.add("likewise", "E[v_i g_i]", tied, lambda_i * Y)
    after = _step(d, slope)
    known = {(x_i, x_i): S, (x_i, w_i): Y, (w_i, w_i): W, (s_i, s_i): G, **pulls}
    unknown = {(x_i, x_i): G} if not process.momentum else {(x_i, x_i): Y, (x_i, w_i): W, (w_i, w_i): G}
    zero = dict.fromkeys((x_i, w_i, s_i), sp.Integer(0))
    equations = {pair: expectation(after[pair[0]] * after[pair[1]], zero, known) for pair in unknown}
    for number, ((one, other), moment) in enumerate(equations.items()):
        d.add("likewise" if number else "Multiply and take the expectation", f"E[{one}' {other}']", moment)
    found = sp.solve([moment - known[pair] for pair, moment in equations.items()], list(unknown.values()), dict=True)[0]
    for number, name in enumerate(unknown.values()):
        reason = "Stationary: what a step leaves is what was there; solved" if number == 0 else "and"
        d.add(reason, {Y: "E[x_i v_i]", W: "E[v_i^2]", G: "E[g_i^2]"}[name], found[name])
    settled = {pair: sp.sympify(moment).subs(found) for pair, moment in known.items()}
    return Balance(d, after[x_i], settled)


def compared(mode: Balance, above: tuple[str, str, sp.Expr], below: tuple[str, sp.Expr], ratio: str) -> sp.Expr:
    """Derive the ratio of two expectations: of the first the reason, its name and what is averaged."""
    d = mode.derivation
    reason, shown, product = above
    top = d.add(reason, shown, mode.mean(product))
    bottom = d.add("What it is compared with; the full gradient is lambda_i x_i", below[0], mode.mean(below[1]))
    return d.add("The ratio is the same for every mode, and so it is for their sums", ratio, top / bottom)


def _place_and_batch() -> tuple[sp.Matrix, tuple[sp.Matrix, sp.Matrix]]:
    return sp.Matrix([x_i, y]), (sp.Matrix([[h_ii, h_iy], [h_iy, h_yy]]), sp.Matrix([g_i, g_y]))


def _step(d: Derivation, slope: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
    """State the step of mode i in terms of its batch gradient."""
    place, batch = _place_and_batch()
    moved, faster = d.process.move(
        place, sp.Matrix([w_i, 0]), batch, learning_rate=eta, momentum=mu, minimum=sp.zeros(2, 1)
    )
    (kick,) = sp.solve(slope - s_i, g_i)
    if not d.process.momentum:
        plain = d.process.step(place, batch, learning_rate=eta, minimum=sp.zeros(2, 1))[0]
        return {x_i: d.add("The step along mode i", "x_i'", plain.subs(g_i, kick), x_i - eta * s_i)}
    velocity = d.add("The step along mode i: the velocity", "v_i'", faster[0].subs(g_i, kick), mu * w_i + s_i)
    after = d.add("and the displacement", "x_i'", moved[0].subs(g_i, kick), x_i - eta * (mu * w_i + s_i))
    return {x_i: after, w_i: velocity}
