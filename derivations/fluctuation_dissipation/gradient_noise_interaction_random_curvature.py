"""Derivation of the gradient-noise interaction with momentum in one dimension, whatever the batches."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.fluctuation_dissipation._any_batch import balance, s_i, x_i
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.symbols import eta, lambda_, lambda_i, mu


def derive() -> Derivation:
    """Return the derivation."""
    mode = balance(sampled_curvature_with_momentum)
    d = mode.derivation
    above = d.add("The curvature along the batch gradient", "E[g_i lambda_i g_i]", mode.mean(lambda_i * s_i**2))
    below = d.add("The squared full gradient", "E[(lambda_i x_i)^2]", mode.mean((lambda_i * x_i) ** 2))
    d.add(
        "In one dimension their ratio does not depend on the noise",
        "E[g_B' H g_B] / E|grad L|^2",
        (above / below).subs(lambda_i, lambda_),
        2 * (1 - mu) / eta + 2 * mu * lambda_ / (1 + mu),
    )
    return d
