"""Derivation of the excess test loss of the training optimum: the variance of the mean of the centres."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic._sampled_bowl import variance_of_the_mean
from sgdtheory.derivations.quadratic.generalization_gap import K, gradient_variance
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ii, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    noise = gradient_variance(d)
    theta, mean = sp.symbols("theta_i cbar_i", real=True)
    full = d.add(
        "Full gradient, cbar being the mean of the centres",
        "g_i",
        sampled_quadratics.gradient(sp.Matrix([theta]), sp.Matrix([mean]), curvature=sp.Matrix([[lambda_i]]))[0],
        lambda_i * (theta - mean),
    )
    (optimum,) = sp.solve(full, theta)
    d.add("It vanishes at the training optimum, the mean of the centres", "theta*_i", optimum, mean)
    spread = variance_of_the_mean(d, K, "Var[cbar_i]")
    loss = d.add(
        "Test loss there above that of the true optimum, averaged over data sets",
        "E[L_test] - L_test*, mode i",
        expectation(lambda_i * optimum**2 / 2, {mean: 0}, {(mean, mean): spread}),
        lambda_i * spread / 2,
    )
    d.add("Write it in terms of C", "E[L_test] - L_test*, mode i", loss.subs(K, sp.solve(noise - C_ii, K)[0]))
    return d
