"""Derivation of the stationary gradient norm: a form averaged over the stationary law."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic_sums._premises import step_of_one_mode, x
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.quadratic_sums import stationary_variance
from sgdtheory.symbols import lambda_


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    step_of_one_mode(d)
    variance = d.add("The stationary variance is known; the mean is zero", "Var[theta]", stationary_variance.value)
    d.add("The full gradient is lambda x", "E|grad L|^2", expectation((lambda_ * x) ** 2, {x: 0}, {(x, x): variance}))
    return d
