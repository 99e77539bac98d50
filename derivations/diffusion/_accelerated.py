"""What derivations about accelerated SGD start from: a step along one mode, discrete or in a short time h."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.processes.accelerated import accelerated
from sgdtheory.symbols import C_ii, h, lambda_i, m, mu

# Displacement from the minimum, the last step, gradient noise; the time h t and the velocity (last step)/h.
x, w, n = sp.symbols("x w n", real=True)
s = sp.Symbol("s", positive=True)
z = sp.Symbol("z", real=True)
W = sp.Symbol("W", positive=True)  # strength of the noise, h C/m
NOTHING = dict.fromkeys((x, w, n, z), 0)


def one_mode(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """State the step along one mode; return the displacement after it, and the step."""
    origin = sp.Symbol("theta*_i", real=True)
    knobs = {"curvature": sp.Matrix([[lambda_i]]), "minimum": sp.Matrix([origin])}
    moved = accelerated.move(
        sp.Matrix([origin + x]), sp.Matrix([w]), sp.Matrix([n]), learning_rate=h**2, momentum=mu, **knobs
    )
    after = d.add(
        "The step along mode i for the displacement x = theta - theta*, the last step w and the noise n",
        "x'",
        moved[0][0] - origin,
        (1 - h**2 * lambda_i) * (x + mu * w) - h**2 * n,
    )
    return after, d.add("The step that led there is the next one's last step", "w'", moved[1][0], after - x)


def growing(taken: sp.Expr) -> sp.Expr:
    """Return the momentum after so many steps."""
    return accelerated.schedule(taken)


def in_a_short_time(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """Derive what a step adds to displacement and velocity, over its time h, for a small h: drift and noise."""
    after, step = one_mode(d)
    scaled = {mu: growing(s / h), w: h * z}
    moved, faster = (
        sp.expand(sp.series(sp.together(rate.subs(scaled)), h, 0, 2).removeO())
        for rate in ((after - x) / h, (step / h - h * z / h).subs(w, h * z) / h)
    )
    displacement = d.add(
        "Rate of change per unit of the time s = h t, with the velocity z = w/h, as h tends to zero",
        "dx/ds",
        moved.subs(h, 0),
        z,
    )
    velocity = d.add(
        "The momentum 1 - 3/t + ... is a friction 3/s; the noise is kept, for it adds up as a random walk",
        "dz/ds",
        faster.subs(h, 0),
        -3 * z / s - lambda_i * x - n,
    )
    return displacement, velocity


def mean_of(expression: sp.Expr) -> sp.Expr:
    """Return the expectation over the noise."""
    return expectation(expression, {n: 0}, {(n, n): C_ii / m})


def rates_of_moments(d: Derivation, A: sp.Symbol, B: sp.Symbol, G: sp.Symbol) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Derive how fast A = E x^2, B = E x z and G = E z^2 change, z being the velocity, as h tends to zero."""
    after, step = one_mode(d)
    faster = (step / h).subs(w, h * z)
    after = after.subs(w, h * z)
    known = {(x, x): A, (x, z): B, (z, z): G, (n, n): W / h}

    def rate(product: sp.Expr, before: sp.Expr) -> sp.Expr:
        change = (expectation(product, NOTHING, known) - before).subs(mu, growing(s / h)) / h
        return sp.expand(sp.limit(sp.together(change), h, 0))

    square = d.add(
        "Rate of change of A = E x^2 per unit of the time s = h t, with the velocity z = w/h, as h tends to zero; the"
        " strength W = h C/m of the noise is kept",
        "dA/ds",
        rate(after**2, A),
        2 * B,
    )
    cross = d.add(
        "and of B = E x z; the momentum 1 - 3/t + ... is a friction 3/s",
        "dB/ds",
        rate(after * faster, B),
        G - 3 * B / s - lambda_i * A,
    )
    speed = d.add("and of G = E z^2", "dG/ds", rate(faster**2, G), W - 6 * G / s - 2 * lambda_i * B)
    return square, cross, speed
