"""Derivation of the best next learning rate: the vertex of a parabola."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic._premises import n_i, pair_of_modes, x_i
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ii, eta, g2, gHg, lambda_i, m, trHC


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    loss = expected_loss(d)
    slope = d.add("Its slope in the learning rate", "dE[L']/d eta", sp.diff(loss, eta), -g2 + eta * (gHg + trHC / m))
    rate = sp.solve(slope, eta)[0]
    d.add(
        "It is negative below its root eta* and positive above: the parabola is convex, the root its minimum",
        "dE[L']/d eta",
        slope,
        (gHg + trHC / m) * (eta - rate),
    )
    d.add("Hence", "eta*", rate)
    return d


def expected_loss(d: Derivation) -> sp.Expr:
    """Derive the change of the expected loss in one step; shared with the decrease and the batch size."""
    first, _ = pair_of_modes(d)
    g_i = sp.Symbol("g_i", real=True)
    change = expectation(lambda_i * first**2 / 2, {x_i: x_i, n_i: 0}, {(n_i, n_i): C_ii / m}) - lambda_i * x_i**2 / 2
    mode = d.add(
        "Change of the expected loss along mode i, the gradient being g_i = lambda_i x_i",
        "E[L'] - L, mode i",
        change.subs(x_i, g_i / lambda_i),
        -eta * g_i**2 + eta**2 / 2 * (lambda_i * g_i**2 + lambda_i * C_ii / m),
    )
    summed = mode.expand()
    for term, total in ((lambda_i * g_i**2, gHg), (g_i**2, g2), (lambda_i * C_ii, trHC)):
        summed = summed.subs(term, total)
    return d.add(
        "Sum over the modes: g'g, g'Hg and tr(HC)", "E[L'] - L", summed, -eta * g2 + eta**2 / 2 * (gHg + trHC / m)
    )
