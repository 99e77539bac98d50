"""Derivation of the mean's shift where samples differ in curvature, for two batches an epoch."""

import sympy as sp

from sgdtheory.algebra.batches import batch_cumulant
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import D, eta, kappa, lambda_, v

# Displacement; curvature and gradient at the minimum of the first batch, and of one sample.
x, h, g, h_k, g_k = sp.symbols("x h g h_k g_k", real=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature)
    origin = sp.Symbol("theta*", real=True)

    def step(place: sp.Expr, curvature: sp.Expr, slope: sp.Expr) -> sp.Expr:
        batch = sp.Matrix([[curvature]]), sp.Matrix([slope])
        return (
            sampled_curvature.step(sp.Matrix([origin + place]), batch, learning_rate=eta, minimum=sp.Matrix([origin]))[
                0
            ]
            - origin
        )

    first = d.add(
        "The first step of the epoch, for the displacement x; h and g are the batch's curvature and gradient at the"
        " minimum",
        "x'",
        step(x, h, g),
        (1 - eta * h) * x - eta * g,
    )
    second = d.add(
        "The second batch holds the other half of the data: its curvature is 2 lambda - h, its gradient -g",
        "x''",
        step(first, 2 * lambda_ - h, -g),
        (1 - eta * (2 * lambda_ - h)) * ((1 - eta * h) * x - eta * g) + eta * g,
    )
    averages = {h_k: lambda_, g_k: sp.Integer(0), h_k * g_k: kappa, h_k**2: lambda_**2 + v}
    spread, mixed = (
        d.add(
            "Moments of a batch: a random half of the D samples" if shown == "Var[h]" else "and",
            shown,
            batch_cumulant((h_k, factor), averages, D, D / 2, replacement=False),
            written,
        )
        for shown, factor, written in (("Var[h]", h_k, v / (D - 1)), ("Cov[h, g]", g_k, kappa / (D - 1)))
    )
    mean = d.add(
        "The expectation over the epoch; what came before it knows nothing of its order",
        "E[x'']",
        expectation(second, {h: lambda_, g: 0}, {(h, h): spread, (h, g): mixed}),
        ((1 - eta * lambda_) ** 2 - eta**2 * v / (D - 1)) * x - eta**2 * kappa / (D - 1),
    )
    d.add(
        "An epoch leaves as it is",
        "E[theta] - theta*",
        fixed_point(*coefficients(mean, x)),
        -eta * kappa / ((D - 1) * lambda_ * (2 - eta * lambda_) + eta * v),
    )
    return d
