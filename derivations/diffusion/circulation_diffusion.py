"""Derivation of the circulation matrix of the diffusion limit from the Fokker-Planck current of two modes."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._fokker_planck_current import motion
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import eta, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    M, S, _ = motion(d)
    flow = d.add(
        "It is M = -Q U with U = beta^-1 Sigma^-1: the mean product of velocity and displacement is -beta^-1 Q",
        "(M Sigma)_ij",
        (M * S)[0, 1],
    )
    d.add("Hence, with beta^-1 = eta/(2m)", "Q_ij", -flow / (eta / (2 * m)))
    return d
