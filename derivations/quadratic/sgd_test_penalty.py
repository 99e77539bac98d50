"""Derivation of what SGD adds to the test loss: its variance about the training optimum."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic._premises import c, one_bowl, settled_mean, x
from sgdtheory.derivations.quadratic.generalization_gap import K, gradient_variance
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.quadratic import dataset_variance
from sgdtheory.symbols import C_ii, lambda_, lambda_i, s2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    settled = settled_mean(d, one_bowl(d))
    V = sp.Symbol("V", positive=True)
    extra = d.add(
        "Test loss at theta = c + x minus that at the training optimum c, the truth being zero",
        "L_test(c + x) - L_test(c)",
        lambda_ * (c + x) ** 2 / 2 - lambda_ * c**2 / 2,
        lambda_ * c * x + lambda_ * x**2 / 2,
    )
    mean = d.add(
        "For a given data set x has that mean and a variance V",
        "E[L_test(c + x) - L_test(c) | data]",
        expectation(extra, {x: settled}, {(x, x): V}),
        lambda_ * V / 2,
    )
    exact = d.add(
        "V from the stationary variance about the mean of the data",
        "E[L_test(c + x) - L_test(c) | data]",
        mean.subs(V, dataset_variance.value),
    )
    averaged = d.add(
        "Averaged over data sets E[s^2] is the variance of the centres, K along mode i",
        "E[L_SGD - L_batch], mode i",
        exact.subs(lambda_, lambda_i).subs(s2, K),
    )
    noise = gradient_variance(d)
    d.add("Write it in terms of C", "E[L_SGD - L_batch], mode i", averaged.subs(K, sp.solve(noise - C_ii, K)[0]))
    return d
