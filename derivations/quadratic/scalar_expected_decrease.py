"""Derivation of the expected decrease at the best next learning rate in one dimension."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic.scalar_optimal_learning_rate import expected_loss
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import scalar_optimal_learning_rate
from sgdtheory.symbols import delta, eta, lambda_


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    loss = expected_loss(d)
    d.add(
        "Loss before the step minus expected loss after it, at the best learning rate",
        "L - E[L']",
        lambda_ * delta**2 / 2 - loss.subs(eta, scalar_optimal_learning_rate.value),
    )
    return d
