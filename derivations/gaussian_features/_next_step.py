"""The expected loss after one step from a given place, in terms of invariants of that place."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.gaussian_features._expected_forms import loss
from sgdtheory.derivations.gaussian_features._modes import square_after_a_step
from sgdtheory.derivations.gaussian_features._premises import T, x_i
from sgdtheory.symbols import L_0, eta, g2, gHg, lambda_i, m, sigma_y2, trH2

# What the sums over modes of lambda^a x^b are; the key holds b and a.
SUMS = {(2, 1): 2 * L_0, (2, 2): g2, (2, 3): gHg, (0, 2): trH2}


def loss_after_a_step(d: Derivation) -> sp.Expr:
    """Derive the expected loss above its minimum after a step."""
    part = loss(d)
    square = square_after_a_step(d)
    one = d.add(
        "Expected loss of mode i after the step",
        "E[L'] - L*, mode i",
        part.subs(x_i**2, square),
        lambda_i * square / 2,
    )
    terms = sp.Poly(sp.expand(one), x_i, lambda_i).terms()
    total = sp.Add(*(coefficient.subs(T, 2 * L_0) * SUMS[powers] for powers, coefficient in terms))
    noise = (gHg + (2 * L_0 + sigma_y2) * trH2) / m
    return d.add(
        "Summed over modes: lambda^2 x^2 gives g'g, lambda^3 x^2 gives g'Hg, lambda^2 gives tr(H^2), and T is twice the"
        " loss above its minimum",
        "E[L'] - L*",
        total,
        L_0 - eta * g2 + eta**2 / 2 * (gHg + noise),
    )


def best_rate(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """Derive the loss after a step and the learning rate that minimises it."""
    after = loss_after_a_step(d)
    slope = d.add(
        "Its derivative by the learning rate",
        "dE[L']/d eta",
        sp.diff(after, eta),
        -g2 + eta * (gHg + (gHg + (2 * L_0 + sigma_y2) * trH2) / m),
    )
    best = d.add(
        "A parabola that opens upwards: its vertex is the minimum",
        "eta*",
        sp.solve(slope, eta)[0],
        m * g2 / ((m + 1) * gHg + (2 * L_0 + sigma_y2) * trH2),
    )
    return after, best
