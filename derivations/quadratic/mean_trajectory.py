"""Derivation of the mean trajectory: a geometric sequence."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.quadratic._premises import n_i, pair_of_modes, x_i
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import delta_i, eta, lambda_i, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    first, _ = pair_of_modes(d)
    mean = d.add(
        "Take the expectation; the noise has mean zero",
        "E[x_i']",
        expectation(first, {x_i: x_i, n_i: 0}, {}),
        (1 - eta * lambda_i) * x_i,
    )
    factor, added = coefficients(mean, x_i)
    solution = course(factor, added, delta_i, t)
    d.add("The recursion starts at delta_i", "E[x_i(0)]", solution.subs(t, 0), delta_i)
    d.add(
        "and each step multiplies it: the solution, put into the recursion",
        "E[x_i(t+1)]",
        factor * solution + added,
        solution.subs(t, t + 1),
    )
    d.add("Hence", "E[x_i(t)]", solution, factor**t * delta_i)
    return d
