"""Derivation of the variance about the true optimum: the law of total variance over data sets."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._sampled_bowl import about_the_truth
from sgdtheory.quadratic import dataset_variance_diffusion


def derive() -> Derivation:
    """Return the derivation."""
    return about_the_truth(dataset_variance_diffusion.value)
