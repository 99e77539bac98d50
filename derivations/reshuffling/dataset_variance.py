"""Derivation of the variance about the mean of the data in one dimension, from the covariance of a mode with itself."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling import stationary_covariance
from sgdtheory.symbols import C_ij, D, M, eta, lambda_, lambda_i, lambda_j, s2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    one = stationary_covariance.value.subs({lambda_i: lambda_, lambda_j: lambda_})
    mode = d.add("Covariance of a mode with itself, a result of its own", "Sigma_ii", one, one)
    noise = d.add(
        "The samples' gradients at the mean of the data are lambda times their distances from it, whose squares add up"
        " to (D - 1) s^2",
        "C_ii",
        lambda_**2 * (D - 1) * s2 / D,
    )
    A = (1 - eta * lambda_) ** M
    d.add(
        "Put it in",
        "Var[theta]",
        mode.subs(C_ij, noise),
        s2 / D * (eta * lambda_ * M / (2 - eta * lambda_) - (1 - A) / (1 + A)),
    )
    return d
