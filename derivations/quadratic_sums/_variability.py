"""Steps that the bounds by the variability of the samples' curvatures share: how a step changes the squared norm."""

import sympy as sp

from sgdtheory.algebra.batches import batch_cumulant
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.processes.sampled_curvature import sampled_curvature
from sgdtheory.symbols import D, eta, lambda_1, lambda_2, m, p

x_1, x_2 = sp.symbols("x_1 x_2", real=True)
BATCH = sp.symbols("h_11 h_12 h_22", real=True)
SAMPLE = sp.symbols("a_11 a_12 a_22", real=True)  # entries of H_k - H
R_11, R_12, R_22, Q = sp.symbols("R_11 R_12 R_22 Q", real=True)
squares = sp.Function("mean")


def _average(product: sp.Expr) -> sp.Expr:
    return sp.Integer(0) if product in SAMPLE else squares(product)


def squared_norm(d: Derivation) -> sp.Expr:
    """Derive the expected squared norm after a step; mode 2 stands for all other modes."""
    h_11, h_12, h_22 = BATCH
    origin = sp.Matrix(sp.symbols("theta*_1 theta*_2", real=True))
    batch = (sp.Matrix([[h_11, h_12], [h_12, h_22]]), sp.zeros(2, 1))
    after = sampled_curvature.step(origin + sp.Matrix([x_1, x_2]), batch, learning_rate=eta, minimum=origin) - origin
    first = d.add(
        "The step in the eigenbasis of H, for samples without noise at the minimum; mode 2 stands for all other modes",
        "x_1'",
        after[0],
        x_1 - eta * (h_11 * x_1 + h_12 * x_2),
    )
    second = d.add("and the other modes", "x_2'", after[1], x_2 - eta * (h_12 * x_1 + h_22 * x_2))
    found = {}
    for place, one in enumerate(SAMPLE):
        for number, other in enumerate(SAMPLE[: place + 1]):
            apart = batch_cumulant((one, other), _average, D, m, replacement=True)
            found[BATCH[place], BATCH[number]] = apart.subs(m, 1 / p)
    a_11, a_12, a_22 = SAMPLE
    entries = {
        squares(a_11**2): R_11 - squares(a_12**2),
        squares(a_22**2): R_22 - squares(a_12**2),
        squares(a_11 * a_12): R_12 - squares(a_12 * a_22),
    }
    norm = expectation((first**2 + second**2).expand(), {h_11: lambda_1, h_12: 0, h_22: lambda_2}, found)
    return d.add(
        "Its expected squared norm: a batch's curvature has p times the covariance of a sample's, and R is the mean of"
        " (H_k - H)^2",
        "E|x'|^2",
        norm.subs(entries, simultaneous=True),
        (1 - eta * lambda_1) ** 2 * x_1**2
        + (1 - eta * lambda_2) ** 2 * x_2**2
        + eta**2 * p * (R_11 * x_1**2 + 2 * R_12 * x_1 * x_2 + R_22 * x_2**2),
    )


def limit_of_a_mode(d: Derivation, variability: sp.Symbol, relation: str) -> sp.Expr:
    """Derive up to which rate the norm shrinks along a mode, with an eigenvalue of R in place of all of it."""
    norm = squared_norm(d)
    along = norm.subs({R_11: variability, R_22: variability, R_12: 0})
    factor = d.add(
        f"The form of R is {relation} this eigenvalue times |x|^2; then x_1^2 is multiplied by",
        "f(lambda_1)",
        sp.expand(along).coeff(x_1**2),
        (1 - eta * lambda_1) ** 2 + eta**2 * p * variability,
    )
    (limit,) = (root for root in sp.solve(factor - 1, eta) if root != 0)
    return d.add("which is one at", "eta(lambda_1)", limit, 2 * lambda_1 / (lambda_1**2 + p * variability))


def extreme(d: Derivation, variability: sp.Symbol, relation: str, at: sp.Symbol, reason: str) -> Derivation:
    """Derive the bound from the curvature at which the rate of a mode is extreme."""
    limit = limit_of_a_mode(d, variability, relation)
    bound = limit.subs(lambda_1, at)
    d.add(
        reason,
        "eta(lambda_1) - eta",
        limit - bound,
        2
        * (at - lambda_1)
        * (lambda_1 * at - p * variability)
        / ((lambda_1**2 + p * variability) * (at**2 + p * variability)),
    )
    d.add("Hence the bound", "eta", bound)
    return d
