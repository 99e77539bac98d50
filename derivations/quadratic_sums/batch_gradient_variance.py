"""Derivation of the variance of a mini-batch gradient from the probabilities that samples are drawn together."""

import sympy as sp

from sgdtheory.algebra.batches import batch_cumulant
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import covariance
from sgdtheory.derivations.quadratic_sums._premises import MEANS, SAMPLES, g, g_k, h, h_k
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import D, c, delta, kappa, m, v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    origin = sp.Matrix([sp.Symbol("theta*", real=True)])
    drawn = sampled_curvature.gradient(origin + sp.Matrix([delta]), (sp.Matrix([[h]]), sp.Matrix([g])), minimum=origin)
    gradient = d.add("Gradient of a batch at a distance delta from the minimum", "g_B(delta)", drawn[0], h * delta + g)
    found = {}
    for first, second, pair, written in ((h, h, (h_k, h_k), v), (h, g, (h_k, g_k), kappa), (g, g, (g_k, g_k), c)):
        found[first, second] = d.add(
            "A sample is in the batch with probability m/D, a pair with probability m (m - 1)/(D (D - 1))",
            f"Cov[{first}, {second}]",
            batch_cumulant(pair, SAMPLES, D, m, replacement=False),
            written * (D - m) / (m * (D - 1)),
        )
    d.add(
        "Variance of the batch's gradient",
        "Var[g_B]",
        covariance(gradient, gradient, MEANS, found),
        (D - m) / (m * (D - 1)) * (c + 2 * kappa * delta + v * delta**2),
    )
    return d
