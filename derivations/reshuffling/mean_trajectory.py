"""Derivation of the mean's course: no order of the samples shows in it."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.reshuffling._premises import b_i, pair_of_modes, x_i
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import delta_i, eta, lambda_i, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    first, _ = pair_of_modes(d)
    mean = d.add(
        "Take the expectation over all orders: each batch of an epoch is a random subset, whose mean has the mean of"
        " the data. It depends on the batches before it, but the step is linear, and an expectation does not mind",
        "E[x_i']",
        expectation(first, {b_i: 0}, {}),
        (1 - eta * lambda_i) * x_i,
    )
    d.add("After t steps from delta_i", "E[x_i(t)]", course(*coefficients(mean, x_i), delta_i, t))
    return d
