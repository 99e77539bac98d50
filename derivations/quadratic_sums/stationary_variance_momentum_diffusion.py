"""Derivation of the stationary variance with momentum at small learning rates."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._premises import step_of_one_mode
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.quadratic_sums import stationary_variance_momentum
from sgdtheory.symbols import c, eta, lambda_, mu, p


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature_with_momentum)
    step_of_one_mode(d)
    known = d.add("The exact value, a result of its own", "Var[theta]", stationary_variance_momentum.value)
    limit = d.add(
        "The learning rate goes to zero at a fixed momentum: the spread of the curvatures is of the next order",
        "lim Var[theta]/eta",
        (known / eta).cancel().subs(eta, 0),
    )
    d.add("To leading order, then", "Var[theta]", eta * limit, eta * p * c / (2 * lambda_ * (1 - mu)))
    return d
