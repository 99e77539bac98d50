"""Derivation of the expected decrease of the loss near a saddle point, from the second moment of each mode."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.diffusion._saddle import NOISE, S, n_i, pair_of_modes, x_i
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import C_ii, delta_i, eta, h_i, m, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(saddle)
    first, _ = pair_of_modes(d)
    slope = saddle.gradient(sp.Matrix([x_i]), sp.zeros(1, 1), curvature=sp.Matrix([[h_i]]), minimum=sp.zeros(1, 1))[0]
    loss = d.add(
        "The loss is a sum over modes; mode i contributes the integral of its gradient",
        "L, mode i",
        sp.integrate(slope, (x_i, 0, x_i)),
        h_i * x_i**2 / 2,
    )
    square = d.add(
        "Square the step and take the expectation",
        "E[x_i'^2]",
        expectation(first**2, {x_i: 0, n_i: 0}, {(n_i, n_i): NOISE[n_i, n_i], (x_i, x_i): S}),
        (1 - eta * h_i) ** 2 * S + eta**2 * C_ii / m,
    )
    factor, added = coefficients(square, S)
    solution = course(sp.factor(factor), added, delta_i**2, t)
    d.add("Its course from a fixed start", "E[x_i(0)^2]", solution.subs(t, 0), delta_i**2)
    weight = sp.cancel(loss / x_i**2)
    change = d.add("Hence the loss falls by", "L(theta_0) - E[L(theta_t)], mode i", weight * (delta_i**2 - solution))
    steps, tau = sp.Integer(3), sp.Symbol("tau", integer=True)
    gradients = sp.Sum((1 - eta * h_i) ** tau, (tau, 0, 2 * steps - 1)).doit() * (h_i * delta_i) ** 2
    noise = sp.Sum((1 - eta * h_i) ** (2 * tau), (tau, 0, steps - 1)).doit() * eta**2 * C_ii / m
    d.add(
        "The same as sums over the steps, of the gradient at the start and of the noise; here for three steps",
        "L(theta_0) - E[L(theta_3)], mode i",
        change.subs(t, steps),
        eta * gradients / 2 - h_i * noise / 2,
    )
    d.add("In lowest terms", "L(theta_0) - E[L(theta_t)], mode i", change, change)
    return d
