"""What derivations with old parameters start from: a step whose gradient is taken elsewhere than it begins."""

from __future__ import annotations

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic._premises import n_i, x_i
from sgdtheory.symbols import W, eta, lambda_, lambda_i, m, sigma2

y_i, s = sp.symbols("y_i s", real=True)
A, B, Q, R = sp.symbols("A B Q R", real=True)


def modes(d: Derivation, *kinds: tuple[sp.Symbol, ...]) -> list[sp.Expr]:
    """State the step of the derivation's process for modes (x, y, n, lambda); return their displacements after it."""
    columns = [sp.Matrix(column) for column in zip(*kinds, strict=True)]
    origin = sp.Matrix(sp.symbols(f"theta*_1:{len(kinds) + 1}", real=True))
    displacements, old, noise, curvatures = columns
    after = d.process.step(
        origin + displacements,
        noise,
        learning_rate=eta,
        old=origin + old,
        curvature=sp.diag(*curvatures),
        minimum=origin,
    )
    words = (
        "The step, in the eigenbasis of H, for the displacements x = theta - theta* and y = theta_old - theta* along"
        " mode i, and the noise n",
        "and along mode j",
    )
    return [
        d.add(reason, f"{x}'", moved, x - eta * curvature * y - eta * n)
        for reason, moved, (x, y, n, curvature) in zip(words, after - origin, kinds, strict=False)
    ]


def noise_of_bowls(d: Derivation) -> sp.Expr:
    """Derive the variance of a batch's gradient where a sample y has the loss lambda (theta - y)^2/2."""
    data, place = sp.symbols("y c", real=True)
    scale = d.add(
        "A sample y of the loss lambda (theta - y)^2/2 moves the gradient by",
        "dg/dy",
        sp.diff(sp.diff(lambda_ * (place - data) ** 2 / 2, place), data),
        -lambda_,
    )
    return scale**2 * sigma2 / m


def second_moments(d: Derivation, noise: sp.Expr) -> dict[sp.Symbol, sp.Expr]:
    """Derive what a step of one of W workers makes of four second moments, in one dimension."""
    (after,) = modes(d, (x_i, y_i, n_i, lambda_i))
    after = after.subs(lambda_i, lambda_)
    known = {(x_i, x_i): A, (x_i, s): B, (s, s): Q, (n_i, n_i): noise}
    known |= {(y_i, y_i): R / W, (x_i, y_i): B / W, (s, y_i): Q / W}  # y is each worker's with the chance 1/W

    def moment(product: sp.Expr) -> sp.Expr:
        return expectation(sp.expand(product), dict.fromkeys((x_i, y_i, s, n_i), 0), known)

    place = d.add(
        "Let s be the sum of what the W workers hold, R the expected sum of its squares, and A, B, Q those of x^2, x s,"
        " s^2. The drawn worker is each with the chance 1/W, so that E[y^2] = R/W, E[x y] = B/W, E[s y] = Q/W",
        "E[x'^2]",
        moment(after**2),
    )
    held = s - y_i + after
    found = {A: place, R: d.add("It reads the result, whose square takes the place of y^2", "R'", R - R / W + place)}
    found[B] = d.add("and which takes the place of y in the sum, s' = s - y + x'", "E[x' s']", moment(after * held))
    found[Q] = d.add("and the square of the sum", "E[s'^2]", moment(held**2))
    return found
