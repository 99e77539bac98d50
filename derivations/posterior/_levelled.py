"""Steps before a preconditioner P = R R' as steps of phi, where theta = R phi: those of plain SGD, with other noise."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.posterior._premises import ORIGIN
from sgdtheory.derivations.quadratic._premises import CENTRED, NOISE, S, n_i, n_j, x_i, x_j
from sgdtheory.symbols import C_ii, C_ij, C_jj, eta, lambda_i, lambda_j, m

FACTOR = sp.Matrix(2, 2, sp.symbols("R_ii R_ij R_ji R_jj", real=True))
TRACE = (FACTOR * FACTOR.T * sp.Matrix([[C_ii, C_ij], [C_ij, C_jj]])).trace()  # tr(C P) of two modes


def moments_of_phi(d: Derivation) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """Derive the second moments ii, ij and jj of phi after a step, in the eigenbasis of R' H R, from S each."""
    inverse = FACTOR.inv()
    hessian = inverse.T * sp.diag(lambda_i, lambda_j) * inverse
    knobs = {"learning_rate": eta, "factor": FACTOR, "curvature": hessian, "minimum": ORIGIN}
    start = inverse * ORIGIN + sp.Matrix([x_i, x_j])
    after = (d.process.step(start, sp.Matrix([n_i, n_j]), **knobs) - inverse * ORIGIN).applyfunc(sp.cancel)
    noise = FACTOR.T * sp.Matrix([n_i, n_j])
    first = d.add(
        "The step of phi, where theta = R phi, along mode i of R' H R with the eigenvalue lambda_i: plain SGD, whose"
        " noise is R' n. The eigenvalues are those of P H, for P = R R'",
        "x_i'",
        after[0],
        (1 - eta * lambda_i) * x_i - eta * noise[0],
    )
    second = d.add("and along mode j", "x_j'", after[1], (1 - eta * lambda_j) * x_j - eta * noise[1])
    pairs = ((first**2, (x_i, x_i)), (first * second, (x_i, x_j)), (second**2, (x_j, x_j)))
    return tuple(expectation(product, CENTRED, {**NOISE, pair: S}) for product, pair in pairs)


def noise_of_phi(row: int, column: int) -> sp.Expr:
    """Return an entry of R' C R/m."""
    return (FACTOR.T * sp.Matrix([[C_ii, C_ij], [C_ij, C_jj]]) * FACTOR)[row, column] / m
