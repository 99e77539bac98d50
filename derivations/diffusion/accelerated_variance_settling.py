"""Derivation of the variance over long runs: moments that change by a share eta lambda a step, order by order."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.hypergeometric import from_ratio
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.diffusion._accelerated import NOTHING, growing, n, one_mode, w, x
from sgdtheory.processes.accelerated import accelerated
from sgdtheory.symbols import C_ii, eta, h, lambda_i, m, mu, t

A, B, G, slope = sp.symbols("A B G A'", real=True)
p = sp.Symbol("p", real=True)
u = sp.Symbol("u", positive=True)
j = sp.Symbol("j", integer=True, nonnegative=True)
KNOWN = {(x, x): A, (x, w): eta * B, (w, w): eta * G, (n, n): C_ii / m}


def change(product: sp.Expr, before: sp.Expr, order: int) -> sp.Expr:
    """Return the part of this order in eta of what a step adds to an expectation, at the time u = eta t."""
    added = (expectation(product, NOTHING, KNOWN) - before).subs({mu: growing(u / eta), h: sp.sqrt(eta)})
    return sp.expand(sp.diff(sp.together(added), eta, order).subs(eta, 0) / sp.factorial(order))


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(accelerated)
    after, step = one_mode(d)
    drift = d.add(
        "Let A = E x^2, eta B = E x w and eta G = E w^2 change slowly, with the time u = eta t. What a step adds to A"
        " is of order eta",
        "dA/du",
        change(after**2, A, 1),
        2 * B + G - 2 * lambda_i * A,
    )
    balance = d.add(
        "and to E x w of order eta^2, so that this part must vanish",
        "(E x' w' - E x w)/eta",
        change(after * step, eta * B, 1),
        G - lambda_i * A,
    )
    (speed,) = sp.solve(balance, G)
    d.add(
        "What it adds to E w^2 has no part of order eta", "(E w'^2 - E w^2)/eta", change(step**2, eta * G, 1), sp.S.Zero
    )
    kinetic = d.add(
        "and the part of order eta^2 is",
        "dG/du",
        change(step**2, eta * G, 2),
        C_ii / m + lambda_i**2 * A - 2 * lambda_i * (B + G) - 6 * G / u,
    )
    (cross,) = sp.solve(drift.subs(G, speed) - slope, B)
    (rate,) = sp.solve(kinetic.subs(B, cross).subs(G, speed) - sp.diff(speed, A) * slope, slope)
    rate = d.add(
        "Put G, and B from dA/du, into it: the friction 3/u of the momentum, the damping lambda_i of the look-ahead"
        " point, and the noise",
        "dA/du",
        rate,
        C_ii / (2 * m * lambda_i) - (lambda_i + 3 / u) * A,
    )
    driving, damping = rate.subs(A, 0), -sp.diff(rate, A)
    left = d.add(
        "Put a power of the time into it",
        "dA/du + (lambda_i + 3/u) A, over u^p",
        sp.expand(sp.simplify((sp.diff(u**p, u) + damping * u**p) / u**p)),
        (p + 3) / u + lambda_i,
    )
    lowers, keeps = left.coeff(u, -1), left.coeff(u, 0)
    first = d.add(
        "The noise drives the power one; nothing is there at the start",
        "c_0",
        driving / lowers.subs(p, 1),
        C_ii / (8 * m * lambda_i),
    )
    ratio = d.add(
        "In a series of powers u^(1 + j) each further term cancels what the one before leaves",
        "c_(j+1) u/c_j",
        -keeps / lowers.subs(p, 2 + j) * u,
        -lambda_i * u / (j + 5),
    )
    series = d.add("The sum of the series", "A(u)", first * u * from_ratio(ratio, j))
    d.add("At the time u = eta t", "V_i(t)", series.subs(u, h**2 * t))
    return d
