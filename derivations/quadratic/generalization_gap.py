"""Derivation of the generalization gap: the covariance of the parameters with the data that trained them."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.quadratic._sampled_bowl import variance_of_the_mean
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ii, eta, lambda_i

K = sp.Symbol("K_ii", positive=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    gap = gap_of_mode(d)
    noise = gradient_variance(d)
    d.add("Write it in terms of C", "E[L_test - L_train], mode i", gap.subs(K, sp.solve(noise - C_ii, K)[0]))
    return d


def gradient_variance(d: Derivation) -> sp.Expr:
    """Derive the variance of one sample's gradient from that of its centre; shared with other results."""
    u = sp.Symbol("u_i", real=True)
    gradient = sampled_quadratics.gradient(sp.Matrix([0]), sp.Matrix([u]), curvature=sp.Matrix([[lambda_i]]))[0]
    return d.add(
        "Variance of one sample's gradient at the true optimum, which is zero, its centre u having the variance K",
        "C_ii",
        expectation(gradient**2, {u: 0}, {(u, u): K}),
        lambda_i**2 * K,
    )


def gap_of_mode(d: Derivation) -> sp.Expr:
    """Derive the gap of one mode in terms of the centres' variance K; shared with the scalar result."""
    theta, c, fresh, mean, rest = sp.symbols("theta_i c_i u_i cbar_i r_i", real=True)
    mu, shared = sp.Symbol("mu_i", real=True), sp.Symbol("E[theta_i c_i]", real=True)
    after = sampled_quadratics.step(
        sp.Matrix([mu]), sp.Matrix([mean]), learning_rate=eta, curvature=sp.Matrix([[lambda_i]])
    )[0]
    moved = d.add(
        "Mean after a step for a given data set, mu being that before it and cbar the mean of the centres",
        "E[theta_i' | data]",
        after,
        mu - eta * lambda_i * (mu - mean),
    )
    settled = fixed_point(*coefficients(moved, mu))
    d.add(
        "Each step multiplies its distance from cbar by 1 - eta lambda_i, so for a given data set it settles there",
        "E[theta_i' | data] - cbar_i",
        moved - settled,
        (1 - eta * lambda_i) * (mu - mean),
    )
    loss = lambda_i * (theta - c) ** 2 / 2
    difference = d.add(
        "Loss on a fresh sample u minus loss on a training sample c",
        "l(u) - l(c)",
        loss.subs(c, fresh) - loss,
        lambda_i * (fresh**2 - c**2) / 2 - lambda_i * theta * (fresh - c),
    )
    expected = d.add(
        "Expectation, the true optimum being zero: u and c have the same variance K, u is independent of theta",
        "E[l(u) - l(c)]",
        expectation(
            difference,
            {theta: 0, c: 0, fresh: 0},
            {(c, c): K, (fresh, fresh): K, (theta, c): shared},
        ),
        lambda_i * shared,
    )
    spread = variance_of_the_mean(d, K, "Var[cbar_i]")
    covariance = d.add(
        "Averaged over the training samples c becomes cbar; theta is cbar plus a rest r of mean zero for given data",
        "E[theta_i cbar_i]",
        expectation((sp.cancel(settled) + rest) * mean, {mean: 0, rest: 0}, {(mean, mean): spread}),
        spread,
    )
    return d.add("so the gap of mode i is", "E[L_test - L_train], mode i", expected.subs(shared, covariance))
