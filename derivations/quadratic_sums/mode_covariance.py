"""Derivation of the stationary covariance of two modes that all samples share."""

import sympy as sp

from sgdtheory.algebra.batches import batch_cumulant
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import D, c_12, eta, lambda_1, lambda_2, m, p, v_12

x_1, x_2, h_1, h_2, g_1, g_2 = sp.symbols("x_1 x_2 h_B1 h_B2 g_B1 g_B2", real=True)
h_k1, h_k2, g_k1, g_k2 = sp.symbols("h_k1 h_k2 g_k1 g_k2", real=True)
S = sp.Symbol("S_12", real=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    origin = sp.Matrix(sp.symbols("theta*_1 theta*_2", real=True))
    batch = (sp.diag(h_1, h_2), sp.Matrix([g_1, g_2]))
    after = sampled_curvature.step(origin + sp.Matrix([x_1, x_2]), batch, learning_rate=eta, minimum=origin) - origin
    first = d.add("The step along one shared eigenvector", "x_1'", after[0], (1 - eta * h_1) * x_1 - eta * g_1)
    second = d.add("and along another", "x_2'", after[1], (1 - eta * h_2) * x_2 - eta * g_2)
    averages = {
        h_k1: lambda_1,
        h_k2: lambda_2,
        g_k1: 0,
        g_k2: 0,
        h_k1 * h_k2: lambda_1 * lambda_2 + v_12,
        g_k1 * g_k2: c_12,
    }
    found = {}
    for names, pair, written in (((h_1, h_2), (h_k1, h_k2), v_12), ((g_1, g_2), (g_k1, g_k2), c_12)):
        apart = batch_cumulant(pair, averages, D, m, replacement=True)
        subset = batch_cumulant(pair, averages, D, m, replacement=False)
        shown = f"Cov[{names[0]}, {names[1]}]"
        found[names] = d.add(
            "Draws with replacement are independent; p stands for 1/m", shown, apart.subs(m, 1 / p), p * written
        )
        d.add("for subsets p stands for (D - m)/(m (D - 1))", shown, subset.subs(m, D / (1 + (D - 1) * p)), p * written)
    means = {h_1: lambda_1, h_2: lambda_2, g_1: 0, g_2: 0}
    # What couples a curvature to a gradient is multiplied by a mean displacement, which is zero.
    product = expectation((first * second).expand(), means, found)
    moment = d.add(
        "Multiply and take the expectation; the batch is independent of x, whose mean is zero",
        "E[x_1' x_2']",
        expectation(product, {x_1: 0, x_2: 0}, {(x_1, x_2): S}),
        ((1 - eta * lambda_1) * (1 - eta * lambda_2) + eta**2 * p * v_12) * S + eta**2 * p * c_12,
    )
    factor, added = coefficients(moment, S)
    solution = fixed_point(factor, added)
    d.add("Stationary: E[x_1' x_2'] = S_12; the solution, put back", "S_12*", moment.subs(S, solution), solution)
    d.add("In lowest terms", "Sigma_12", solution)
    return d
