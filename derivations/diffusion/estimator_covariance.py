"""Derivation of the covariance of the training minimum: the covariance of the mean of the centres."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.diffusion._dataset import (
    b_i,
    b_j,
    covariance_of,
    covariance_of_the_mean,
    lag_behind_the_population,
    x_i,
    x_j,
)
from sgdtheory.processes.sampled_quadratics import sampled_quadratics


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    first, second = lag_behind_the_population(d)
    ends = [fixed_point(*coefficients(after, x)) for after, x in ((first, x_i), (second, x_j))]
    first_end = d.add("For a given data set the difference is at rest at one place", "x_i*", ends[0], b_i)
    second_end = d.add("and along mode j", "x_j*", ends[1], b_j)
    spread = covariance_of_the_mean(d)
    covariance_of(d, first_end, second_end, spread, shown="Cov[theta]_ij")
    return d
