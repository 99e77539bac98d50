"""Derivation of the excess test loss of the training optimum: the variance of the mean of the centres."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ii, D, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    u, mean = sp.symbols("u_i cbar_i", real=True)
    K = sp.Symbol("K_ii", positive=True)
    gradient = sampled_quadratics.gradient(sp.Matrix([0]), sp.Matrix([u]), curvature=sp.Matrix([[lambda_i]]))[0]
    d.add("Gradient of one sample at the true optimum, which is zero", "g_i", gradient, -lambda_i * u)
    noise = d.add(
        "Its variance, K being that of the centres",
        "C_ii",
        expectation(gradient**2, {u: 0}, {(u, u): K}),
        lambda_i**2 * K,
    )
    full = sampled_quadratics.gradient(sp.Matrix([mean]), sp.Matrix([mean]), curvature=sp.Matrix([[lambda_i]]))[0]
    d.add(
        "The training optimum is the mean of the centres: the full gradient vanishes there",
        "g_i(cbar)",
        full,
        sp.Integer(0),
    )
    loss = expectation(lambda_i * mean**2 / 2, {mean: 0}, {(mean, mean): K / D})
    d.add(
        "Test loss above that of the true optimum, averaged: the mean of D centres has variance K/D",
        "E[L_test] - L_test*, mode i",
        loss.subs(K, sp.solve(noise - C_ii, K)[0]),
    )
    return d
