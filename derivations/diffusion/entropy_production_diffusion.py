"""Derivation of the entropy production of the diffusion limit: what the Fokker-Planck current spends on the noise."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._fokker_planck_current import motion
from sgdtheory.derivations.diffusion._two_modes import correlated
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import eta


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    M, S, spread = motion(d)
    rate = d.add(
        "Entropy is produced at the rate E[j' (B/2)^-1 j] = 2 tr(B^-1 M Sigma M'), with the squared correlation R_12 of"
        " the noise",
        "2 tr(B^-1 M Sigma M')",
        correlated(2 * (spread.inv() * M * S * M.T).trace()),
    )
    d.add("A step takes the time eta", "e_p", eta * rate)
    return d
