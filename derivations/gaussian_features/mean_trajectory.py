"""Derivation of the mean's course: the mean gradient is that of the population."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.gaussian_features._modes import step_of_a_mode
from sgdtheory.derivations.gaussian_features._premises import n, x_i
from sgdtheory.processes.gaussian_features import gaussian_features
from sgdtheory.symbols import delta_i, eta, lambda_i, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(gaussian_features)
    _, (step,) = step_of_a_mode(d)
    after = d.add(
        "Take the expectation over the batch", "E[x_i']", expectation(step, {n: 0}, {}), (1 - eta * lambda_i) * x_i
    )
    d.add("After t steps from delta_i", "E[x_i(t)]", course(*coefficients(after, x_i), delta_i, t))
    return d
