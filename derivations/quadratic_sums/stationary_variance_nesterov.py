"""Derivation of the stationary variance with Nesterov's momentum from the covariance of two modes."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._one_of_two import variance_of_one
from sgdtheory.derivations.quadratic_sums._premises import step_of_one_mode
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_nesterov
from sgdtheory.quadratic_sums import mode_covariance_nesterov


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature_with_nesterov)
    step_of_one_mode(d)
    variance_of_one(d, mode_covariance_nesterov.value)
    return d
