"""Derivation of the generalization gap: the covariance of the parameters with the data that trained them."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ii, D, eta, lambda_i


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    gap, K = gap_of_mode(d)
    u = sp.Symbol("u_i", real=True)
    gradient = sampled_quadratics.gradient(sp.Matrix([0]), sp.Matrix([u]), curvature=sp.Matrix([[lambda_i]]))[0]
    noise = d.add(
        "Variance of one sample's gradient at the true optimum",
        "C_ii",
        expectation(gradient**2, {u: 0}, {(u, u): K}),
        lambda_i**2 * K,
    )
    d.add("Write it in terms of C", "E[L_test - L_train], mode i", gap.subs(K, sp.solve(noise - C_ii, K)[0]))
    return d


def gap_of_mode(d: Derivation) -> tuple[sp.Expr, sp.Symbol]:
    """Derive the gap of one mode in terms of the centres' variance K; shared with the scalar result."""
    theta, c, fresh, mean = sp.symbols("theta_i c_i u_i cbar_i", real=True)
    K, mu = sp.Symbol("K_ii", positive=True), sp.Symbol("mu", real=True)
    after = sampled_quadratics.step(
        sp.Matrix([mu]), sp.Matrix([mean]), learning_rate=eta, curvature=sp.Matrix([[lambda_i]])
    )[0]
    factor, added = coefficients(
        d.add(
            "Mean of a step for a given data set, cbar being the mean of its centres",
            "E[theta_i' | data]",
            after,
            mu - eta * lambda_i * (mu - mean),
        ),
        mu,
    )
    d.add(
        "Stationary, for a given data set, the mean is that of the data",
        "E[theta_i | data]",
        fixed_point(factor, added),
        mean,
    )
    loss = lambda_i * (theta - c) ** 2 / 2
    difference = d.add(
        "Loss on a fresh sample u minus loss on a training sample c",
        "l(u) - l(c)",
        loss.subs(c, fresh) - loss,
        lambda_i * (fresh**2 - c**2) / 2 - lambda_i * theta * (fresh - c),
    )
    shared = sp.Symbol("E[theta c]", real=True)
    expected = d.add(
        "Expectation, the true optimum being zero: u and c have the same variance K, u is independent of theta",
        "E[l(u) - l(c)]",
        expectation(difference, {theta: 0, c: 0, fresh: 0}, {(c, c): K, (fresh, fresh): K, (theta, c): shared}),
        lambda_i * shared,
    )
    gap = d.add(
        "Averaged over the training samples E[theta c] becomes E[theta cbar] = E[cbar^2], the variance of the mean of D"
        " centres",
        "E[L_test - L_train], mode i",
        expected.subs(shared, K / D),
        lambda_i * K / D,
    )
    return gap, K
