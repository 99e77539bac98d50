"""Derivation of the mini-batch gradient's covariance from the probabilities that samples are drawn together."""

import sympy as sp

from sgdtheory.algebra.batches import batch_mean_covariance
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import covariance
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ij, D, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    b_i, b_j, c_i, c_j, K = sp.symbols("b_i b_j c_i c_j K_ij", real=True)
    centre = sp.Matrix([c_i, c_j])
    drawn = sampled_quadratics.gradient(centre, centre + sp.Matrix([b_i, b_j]), curvature=sp.diag(lambda_i, lambda_j))
    first = d.add(
        "Gradient of a batch at the mean c of the data, b being the batch's mean minus c",
        "g_i",
        drawn[0],
        -lambda_i * b_i,
    )
    second = d.add("and along mode j", "g_j", drawn[1], -lambda_j * b_j)
    spread = d.add(
        "Covariance of a batch's mean, K being that of the data with divisor D: a sample is in the batch with"
        " probability m/D, a pair with probability m(m-1)/(D(D-1))",
        "Cov[b_i, b_j]",
        batch_mean_covariance(D * K, D, m, replacement=False),
        K * (D - m) / (m * (D - 1)),
    )
    noise = d.add(
        "Covariance of the batch gradient",
        "Cov[g_i, g_j]",
        covariance(first, second, {b_i: 0, b_j: 0}, {(b_i, b_j): spread}),
        lambda_i * lambda_j * spread,
    )
    single = d.add("A batch of one sample has the covariance C", "C_ij", noise.subs(m, 1), lambda_i * lambda_j * K)
    d.add("Write it in terms of C", "Cov[g_i, g_j]", noise.subs(K, sp.solve(single - C_ij, K)[0]))
    return d
