"""Derivation of the best next learning rate in one dimension, from the variance of the per-sample optima."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import delta, eta, lambda_, m, sigma2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    loss = expected_loss(d)
    slope = d.add(
        "Its slope in the learning rate",
        "dE[L']/d eta",
        sp.diff(loss, eta),
        lambda_**2 * (eta * lambda_ * (delta**2 + sigma2 / m) - delta**2),
    )
    rate = sp.solve(slope, eta)[0]
    d.add(
        "It is negative below its root eta* and positive above: the parabola is convex, the root its minimum",
        "dE[L']/d eta",
        slope,
        lambda_**3 * (delta**2 + sigma2 / m) * (eta - rate),
    )
    d.add("Hence", "eta*", rate)
    return d


def expected_loss(d: Derivation) -> sp.Expr:
    """Derive the expected loss after one step; shared with the decrease."""
    n, origin = sp.symbols("n theta*", real=True)
    after = (
        additive_noise.step(
            sp.Matrix([origin + delta]),
            sp.Matrix([n]),
            learning_rate=eta,
            curvature=sp.Matrix([[lambda_]]),
            minimum=sp.Matrix([origin]),
        )[0]
        - origin
    )
    moved = d.add(
        "The step for the displacement delta from the minimum", "delta'", after, (1 - eta * lambda_) * delta - eta * n
    )
    centre = sp.Symbol("c", real=True)
    single = sampled_quadratics.gradient(sp.Matrix([0]), sp.Matrix([centre]), curvature=sp.Matrix([[lambda_]]))[0]
    noise = d.add(
        "Variance of one sample's gradient, its optimum c having the variance sigma^2",
        "Var[g]",
        expectation(single**2, {centre: 0}, {(centre, centre): sigma2}),
        lambda_**2 * sigma2,
    )
    return d.add(
        "Expected loss after the step; a batch mean of m samples has the variance Var[g]/m",
        "E[L']",
        expectation(lambda_ * moved**2 / 2, {n: 0}, {(n, n): noise / m}),
        lambda_ / 2 * ((1 - eta * lambda_) ** 2 * delta**2 + eta**2 * lambda_**2 * sigma2 / m),
    )
