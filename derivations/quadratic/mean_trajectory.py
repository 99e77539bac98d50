"""Derivation of the mean trajectory: a geometric sequence."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.quadratic._premises import mean_of_the_step, x_i
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import delta_i, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    mean = mean_of_the_step(d)
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
