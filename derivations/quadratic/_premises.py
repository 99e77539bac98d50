"""What derivations of this family start from: the step of a process, seen in the eigenbasis of the Hessian."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ii, C_ij, C_jj, eta, lambda_, lambda_i, lambda_j, m

# Displacement from the minimum and gradient noise of a pair of modes; a second moment of the displacement.
x_i, x_j, n_i, n_j, x, b = sp.symbols("x_i x_j n_i n_j x b", real=True)
S = sp.Symbol("S_ij", real=True)

NOISE = {(n_i, n_i): C_ii / m, (n_i, n_j): C_ij / m, (n_j, n_j): C_jj / m}
CENTRED = {x_i: 0, x_j: 0, n_i: 0, n_j: 0}


def pair_of_modes(derivation: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """State the step of SGD with additive noise for two modes; return their displacements after it."""
    origin = sp.Matrix(sp.symbols("theta*_i theta*_j", real=True))
    after = (
        additive_noise.step(
            origin + sp.Matrix([x_i, x_j]),
            sp.Matrix([n_i, n_j]),
            learning_rate=eta,
            curvature=sp.diag(lambda_i, lambda_j),
            minimum=origin,
        )
        - origin
    )
    first = derivation.add(
        "The step, in the eigenbasis of H, for the displacement x = theta - theta* along mode i and the noise n",
        "x_i'",
        after[0],
        (1 - eta * lambda_i) * x_i - eta * n_i,
    )
    second = derivation.add("and along mode j", "x_j'", after[1], (1 - eta * lambda_j) * x_j - eta * n_j)
    return first, second


def one_bowl(derivation: Derivation) -> sp.Expr:
    """State the step of SGD on sampled quadratics of one dimension; return the displacement after it."""
    centre = sp.Symbol("c", real=True)
    after = (
        sampled_quadratics.step(
            sp.Matrix([centre + x]), sp.Matrix([centre + b]), learning_rate=eta, curvature=sp.Matrix([[lambda_]])
        )[0]
        - centre
    )
    return derivation.add(
        "The step for the displacement x from the mean of the data, b being the batch's mean minus that of the data",
        "x'",
        after,
        (1 - eta * lambda_) * x + eta * lambda_ * b,
    )
