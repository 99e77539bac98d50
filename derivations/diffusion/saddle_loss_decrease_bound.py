"""Derivation of the least decrease of the loss near a saddle point, for noise alike in all directions."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients
from sgdtheory.derivations.diffusion._saddle import pair_of_modes, x_i
from sgdtheory.diffusion import saddle_loss_decrease
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import C_ii, c_iso, d, delta_i, eta, gamma_u, h_i, t


def derive() -> Derivation:
    """Return the derivation."""
    steps = Derivation(saddle)
    first, _ = pair_of_modes(steps)
    factor, _ = coefficients(first, x_i)
    change = steps.add(
        "Decrease along mode i, a result of its own, for noise of variance c in every direction",
        "mode i",
        saddle_loss_decrease.value.subs(C_ii, c_iso),
    )
    start = steps.add(
        "What the start adds is h_i delta_i^2 times a number of the sign of h_i for eta h_i < 2: it is never negative,"
        " and left out",
        "mode i",
        change - change.subs(delta_i, 0),
        (1 - (1 - eta * h_i) ** (2 * t)) * h_i * delta_i**2 / 2,
    )
    floor = steps.add("The rest is what the noise costs", "mode i", change - start)
    (overshoot,) = sp.solve(factor, h_i)
    cost = steps.add(
        "A stable mode that does not overshoot, eta h_i <= 1, costs most at eta h_i = 1, where after one step",
        "mode i",
        floor.subs(t, 1).subs(h_i, overshoot),
    )
    growth = steps.add(
        "The most unstable mode grows at each step by the factor", "x'/x", factor.subs(h_i, -gamma_u), 1 + eta * gamma_u
    )
    amplified = (growth ** (2 * t) - 1) / (growth**2 - 1)
    gain = steps.add(
        "and gains a multiple of the sum over the steps of the squared factors' powers",
        "mode of curvature -gamma, over the sum",
        floor.subs(h_i, -gamma_u) / amplified,
    )
    steps.add(
        "The steps are so many that this sum is d/(eta gamma) at least; the cost of d - 1 other modes is taken off",
        "L(theta_0) - E[L(theta_t)]",
        gain * d / (eta * gamma_u) + (d - 1) * cost,
    )
    return steps
