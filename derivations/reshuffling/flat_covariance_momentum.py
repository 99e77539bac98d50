"""Derivation of the covariance with momentum in directions without curvature."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._flat import displacement_products
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_momentum
from sgdtheory.symbols import C_ij, D, M, eta, mu, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature_with_momentum)
    once = t - mu * (1 - mu**t) / (1 - mu)
    twice = t - 2 * mu * (1 - mu**t) / (1 - mu) + mu**2 * (1 - mu ** (2 * t)) / (1 - mu**2)
    d.add(
        "A linear recursion of eight moments, all zero when the epoch begins; its solution after t batches",
        "Sigma_ij(t)",
        displacement_products(d),
        eta**2 * C_ij * (M * twice - once**2) / ((D - 1) * (1 - mu) ** 2),
    )
    return d
