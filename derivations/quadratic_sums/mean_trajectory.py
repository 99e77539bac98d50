"""Derivation of the mean course: the mean of a fresh batch's curvature is that of the samples."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.quadratic_sums._premises import MEANS, step_of_one_mode, x
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import delta, eta, lambda_, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    (after,) = step_of_one_mode(d)
    mean = d.add(
        "Take the expectation; the batch is independent of x, its curvature has the mean lambda, its gradient zero",
        "E[x']",
        expectation(after, MEANS, {}),
        (1 - eta * lambda_) * x,
    )
    factor, added = coefficients(mean, x)
    solution = course(factor, added, delta, t)
    d.add("It starts at the displacement", "E[x_0]", solution.subs(t, 0), delta)
    d.add(
        "The solution, put into the recursion",
        "E[x_(t+1)]",
        factor * solution + added,
        course(factor, added, delta, t + 1),
    )
    d.add("Hence", "E[theta_t] - theta*", solution)
    return d
