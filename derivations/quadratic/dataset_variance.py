"""Derivation of the stationary variance about the mean of the data; batches without replacement."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._sampled_bowl import about_the_data


def derive() -> Derivation:
    """Return the derivation."""
    return about_the_data(replacement=False)
