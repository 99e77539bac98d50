"""Derivation of the orbits' frequency in the diffusion limit, from the Fokker-Planck current of two modes."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._currents import turning
from sgdtheory.derivations.diffusion._fokker_planck_current import motion
from sgdtheory.derivations.diffusion._two_modes import correlated
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import R_12, eta, lambda_1, lambda_2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    M, _, _ = motion(d)
    shared = 4 * R_12 * lambda_1 * lambda_2
    turning(
        d,
        "A step takes the time eta: it turns by eta M",
        correlated(eta * M.trace()),
        correlated(eta**2 * M.det()),
        shared / ((lambda_1 + lambda_2) ** 2 - shared),
    )
    return d
