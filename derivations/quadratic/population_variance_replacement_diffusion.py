"""Derivation of the variance about the true optimum: the law of total variance over data sets."""

import sympy as sp
from sgdtheory.derivations.quadratic._premises import one_bowl

from sgdtheory.algebra.batches import batch_mean_covariance
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic import dataset_variance_replacement_diffusion
from sgdtheory.symbols import D, s2, sigma2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    one_bowl(d)
    N = sp.Symbol("N", positive=True)
    centre = d.add(
        "The mean of the data is that of D draws from the population: N equally likely values, N to infinity",
        "Var[c]",
        sp.limit(batch_mean_covariance(N * sigma2, N, D, replacement=True), N, sp.oo),
        sigma2 / D,
    )
    spread = d.add(
        "Expected squared deviations of the data from their mean: those from the truth minus D Var[c]",
        "E[(D - 1) s^2]",
        D * sigma2 - D * centre,
        (D - 1) * sigma2,
    )
    given = d.add(
        "Variance for a given data set, linear in its s^2",
        "Var[theta | data]",
        dataset_variance_replacement_diffusion.value,
    )
    mean = d.add(
        "averaged over data sets, E[s^2] being sigma^2", "E Var[theta | data]", given.subs(s2, spread / (D - 1))
    )
    d.add("The mean for a given data set is c, so the variances add up", "Var[theta]", mean + centre)
    return d
