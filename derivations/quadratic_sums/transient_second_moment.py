"""Derivation of the course of the mean square: a linear recursion, driven by the mean and by the noise."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._premises import one_mode
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import delta, eta, kappa, lambda_, p, t, v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    _, recursion = one_mode(d)
    slow = d.add("The mean is multiplied by", "a", recursion.matrix[0, 0], 1 - eta * lambda_)
    fast = d.add("and the mean square by", "rho", recursion.matrix[1, 1], (1 - eta * lambda_) ** 2 + eta**2 * p * v)
    cross = d.add("The mean adds to the mean square", "b", recursion.matrix[1, 0], 2 * eta**2 * p * kappa)
    noise = d.add("and the noise adds", "q", recursion.added[1])
    driven = d.add("A multiple of a^t solves the equation that the mean drives", "", cross * delta / (slow - fast))
    settled = noise / (1 - fast)

    def solution(steps: sp.Expr) -> sp.Expr:
        return fast**steps * (delta**2 - settled - driven) + settled + driven * slow**steps

    d.add("The start", "E[x_0^2]", solution(sp.Integer(0)), delta**2)
    d.add(
        "The solution, put into the recursion",
        "E[x_(t+1)^2]",
        fast * solution(t) + cross * delta * slow**t + noise,
        solution(t + 1),
    )
    d.add("Hence", "E[(theta_t - theta*)^2]", solution(t), solution(t))
    return d
