"""What derivations of currents share: mean motion and spread of a step, along two modes."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import covariance, expectation
from sgdtheory.derivations.quadratic._premises import CENTRED, NOISE, n_i, n_j, pair_of_modes, x_i, x_j
from sgdtheory.symbols import C_ii, C_ij, C_jj, eta, lambda_1, lambda_2, lambda_i, lambda_j, m

QUIET = {n_i: 0, n_j: 0}
CENTRED_MODES = {x: CENTRED[x] for x in (x_i, x_j)}


def pulls(derivation: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """State the step for two modes; derive the mean gradients that their displacements feel."""
    first, second = pair_of_modes(derivation)
    along_i = derivation.add(
        "The mean gradient along mode i: how far a step goes on the average, over -eta",
        "f_i",
        (x_i - expectation(first, QUIET, {})) / eta,
        lambda_i * x_i,
    )
    along_j = derivation.add("and along mode j", "f_j", (x_j - expectation(second, QUIET, {})) / eta, lambda_j * x_j)
    return along_i, along_j


def diffusion(derivation: Derivation) -> tuple[list[sp.Expr], sp.Matrix]:
    """Derive drift and diffusion matrix of two modes, per unit of the time s = eta t."""
    first, second = pair_of_modes(derivation)
    drift = [
        derivation.add(reason, shown, (expectation(after, QUIET, {}) - x) / eta, -curvature * x)
        for reason, shown, after, x, curvature in (
            ("Drift per unit of the time s = eta t, along mode i", "b_i", first, x_i, lambda_i),
            ("and along mode j", "b_j", second, x_j, lambda_j),
        )
    ]
    spread = {
        pair: derivation.add(reason, shown, covariance(*after, QUIET, NOISE) / eta, eta * noise / m)
        for reason, shown, pair, after, noise in (
            ("Covariance gained per unit of time", "B_ii", (0, 0), (first, first), C_ii),
            ("likewise", "B_ij", (0, 1), (first, second), C_ij),
            ("likewise", "B_jj", (1, 1), (second, second), C_jj),
        )
    }
    return drift, sp.Matrix(2, 2, lambda a, b: spread[min(a, b), max(a, b)])


def turning(derivation: Derivation, reason: str, trace: sp.Expr, determinant: sp.Expr, squared: sp.Expr) -> sp.Expr:
    """Derive the angle per step of a motion M x in the plane of two modes, from the trace and determinant of M."""
    derivation.add(reason, "tr M", trace, sp.Integer(0))
    half = eta * sp.Abs(lambda_1 - lambda_2) / 2
    square = derivation.add(
        "Without trace its square is -det M times the identity (Cayley and Hamilton): it turns by omega",
        "omega^2 = det M",
        determinant,
        half**2 * squared,
    )
    return derivation.add(
        "The positive root",
        "omega",
        half * sp.sqrt(square / half**2),
        half * sp.sqrt(squared),
        numerically=True,
    )
