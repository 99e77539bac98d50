"""What derivations of this family start from: two batches of one epoch, and what those still to come have in common."""

import sympy as sp

from sgdtheory.algebra.batches import batch_mean_covariance
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ij, D, M, eta, lambda_i, lambda_j

# Displacement from the mean of the data along a pair of modes, and the mean of the next batch minus that of the data.
x_i, x_j, b_i, b_j = sp.symbols("x_i x_j b_i b_j", real=True)
# The mean of another batch of the same epoch that is still to come, and what it shares with the present displacement.
e_i, e_j = sp.symbols("e_i e_j", real=True)
S = sp.Symbol("S_ij", real=True)
U_ij, U_ji = sp.symbols("U_ij U_ji", real=True)
K = sp.Symbol("K_ij", real=True)

CENTRED = {x_i: 0, x_j: 0, b_i: 0, b_j: 0, e_i: 0, e_j: 0}


def pair_of_modes(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """State the step for two modes; return their displacements after it."""
    centre = sp.Matrix(sp.symbols("c_i c_j", real=True))
    after = (
        sampled_quadratics.step(
            centre + sp.Matrix([x_i, x_j]),
            centre + sp.Matrix([b_i, b_j]),
            learning_rate=eta,
            curvature=sp.diag(lambda_i, lambda_j),
        )
        - centre
    )
    first = d.add(
        "The step along mode i, for the displacement x from the mean c of the data, b being the batch's mean minus c",
        "x_i'",
        after[0],
        (1 - eta * lambda_i) * x_i + eta * lambda_i * b_i,
    )
    second = d.add("and along mode j", "x_j'", after[1], (1 - eta * lambda_j) * x_j + eta * lambda_j * b_j)
    return first, second


def batches_of_an_epoch(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """Derive the covariance of a batch's mean, and that of the means of two batches of one epoch, as shares of C."""
    single = d.add(
        "Covariance of a batch's mean: a subset of m = D/M of the samples, whose own covariance is K",
        "Cov[b_i, b_j]",
        batch_mean_covariance(D * K, D, D / M, replacement=False),
        K * (M - 1) / (D - 1),
    )
    other = sp.Symbol("w", real=True)
    whole = M * single + M * (M - 1) * other
    shared = d.add(
        "All pairs of batches of a shuffled epoch are alike, and its M batches add up to the whole data: the covariance"
        " of their sum, M Cov[b_i, b_j] + M (M - 1) Cov[b_i, e_j], is zero",
        "Cov[b_i, e_j]",
        sp.solve(whole, other)[0],
        -K / (D - 1),
    )
    # The gradient of a sample with the centre c + b is -lambda b at the mean of the data, so that C = lambda K lambda.
    spread = C_ij / (lambda_i * lambda_j)
    return single.subs(K, spread), shared.subs(K, spread)


def step_of_the_moments(d: Derivation) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Derive what a step makes of U_ij = E[x_i e_j], U_ji = E[x_j e_i] and S_ij = E[x_i x_j]."""
    first, second = pair_of_modes(d)
    single, shared = batches_of_an_epoch(d)
    ahead = d.add(
        "All batches still to come are alike, so that x has the same covariance U_ij with any of them; after a step,"
        " with C = lambda_i lambda_j K,",
        "E[x_i' e_j]",
        expectation(first * e_j, CENTRED, {(x_i, e_j): U_ij, (b_i, e_j): shared}),
        (1 - eta * lambda_i) * U_ij - eta * C_ij / (lambda_j * (D - 1)),
    )
    behind = d.add(
        "and, the modes exchanged,",
        "E[x_j' e_i]",
        expectation(second * e_i, CENTRED, {(x_j, e_i): U_ji, (b_j, e_i): shared}),
        (1 - eta * lambda_j) * U_ji - eta * C_ij / (lambda_i * (D - 1)),
    )
    moment = d.add(
        "The second moment after a step",
        "E[x_i' x_j']",
        expectation(first * second, CENTRED, {(x_i, x_j): S, (x_i, b_j): U_ij, (x_j, b_i): U_ji, (b_i, b_j): single}),
        (1 - eta * lambda_i) * (1 - eta * lambda_j) * S
        + eta * lambda_j * (1 - eta * lambda_i) * U_ij
        + eta * lambda_i * (1 - eta * lambda_j) * U_ji
        + eta**2 * C_ij * (M - 1) / (D - 1),
    )
    return ahead, behind, moment
