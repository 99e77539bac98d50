"""Derivation of the expected decrease at the best next learning rate."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic.optimal_learning_rate import expected_loss
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import optimal_learning_rate
from sgdtheory.symbols import eta


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    change = expected_loss(d)
    d.add("At the best learning rate", "-(E[L'] - L)", -change.subs(eta, optimal_learning_rate.value))
    return d
