"""What derivations of this family start from: the step of a process, seen in the eigenbasis of the Hessian."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation, tidy
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import C_ii, C_ij, C_jj, eta, lambda_, lambda_i, lambda_j, m

# Displacement from the minimum and gradient noise of a pair of modes; a second moment of the displacement.
x_i, x_j, n_i, n_j = sp.symbols("x_i x_j n_i n_j", real=True)
S = sp.Symbol("S_ij", real=True)

NOISE = {(n_i, n_i): C_ii / m, (n_i, n_j): C_ij / m, (n_j, n_j): C_jj / m}
CENTRED = {x_i: 0, x_j: 0, n_i: 0, n_j: 0}

# One dimension: mean of the data, displacement from it, a batch's mean minus it.
c, x, b = sp.symbols("c x b", real=True)


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


def mean_of_the_step(derivation: Derivation) -> sp.Expr:
    """Derive the mean displacement of a mode after a step of SGD with additive noise."""
    first, _ = pair_of_modes(derivation)
    return derivation.add(
        "Take the expectation; the noise has mean zero",
        "E[x_i']",
        expectation(first, {n_i: 0}, {}),
        (1 - eta * lambda_i) * x_i,
    )


def one_bowl(derivation: Derivation) -> sp.Expr:
    """State the step of SGD on sampled quadratics of one dimension; return the displacement after it."""
    after = (
        sampled_quadratics.step(
            sp.Matrix([c + x]), sp.Matrix([c + b]), learning_rate=eta, curvature=sp.Matrix([[lambda_]])
        )[0]
        - c
    )
    return derivation.add(
        "The step for the displacement x from the mean c of the data, b being the batch's mean minus c",
        "x'",
        after,
        (1 - eta * lambda_) * x + eta * lambda_ * b,
    )


def settled_mean(derivation: Derivation, after: sp.Expr) -> sp.Expr:
    """Derive the stationary mean of the displacement for a given data set from the step of one bowl."""
    mean = derivation.add(
        "Its mean for a given data set; b has mean zero",
        "E[x' | data]",
        expectation(after, {b: 0}, {}),
        (1 - eta * lambda_) * x,
    )
    return derivation.add(
        "Each step multiplies it by 1 - eta lambda: from every start it tends to the solution of E[x' | data] = x",
        "E[x | data]",
        fixed_point(*coefficients(mean, x)),
        sp.Integer(0),
    )


def flow(rate: sp.Expr, unknown: sp.Symbol, start: sp.Expr, time: sp.Symbol) -> sp.Expr:
    """Return the solution of d unknown / d time = rate from a start."""
    X = sp.Function("X")
    equation = sp.Eq(X(time).diff(time), rate.subs(unknown, X(time)))
    return tidy(sp.dsolve(equation, X(time), ics={X(0): start}).rhs)
