"""Derivation of the covariance at the end of an epoch: what a shuffled epoch leaves as it is."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.reshuffling._epoch import stationary, within_an_epoch
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import M


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    stationary(d, within_an_epoch(d, M))
    return d
