"""Derivation of the covariance in directions without curvature: a bridge over the epoch."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._flat import displacement_products
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import C_ij, D, M, eta, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    d.add(
        "A linear recursion of three moments, all zero when the epoch begins; its solution after t batches",
        "Sigma_ij(t)",
        displacement_products(d),
        eta**2 * C_ij * t * (M - t) / (D - 1),
    )
    return d
