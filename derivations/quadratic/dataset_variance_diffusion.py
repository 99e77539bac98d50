"""Derivation of the Ornstein-Uhlenbeck limit of the variance about the data's mean; batches without replacement."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._sampled_bowl import about_the_data_in_the_limit


def derive() -> Derivation:
    """Return the derivation."""
    return about_the_data_in_the_limit(replacement=False)
