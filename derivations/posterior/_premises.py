"""What derivations of this family start from: steps of two modes, the posterior, the divergence of a mode from it."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic._premises import n_i, n_j, x_i, x_j
from sgdtheory.processes.langevin import langevin
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.processes.process import Process
from sgdtheory.symbols import C_ij, D, E_ij, eta, lambda_i, lambda_j, m, tau

ORIGIN = sp.Matrix(sp.symbols("theta*_i theta*_j", real=True))
HESSIAN = sp.diag(lambda_i, lambda_j)
TOTAL_NOISE = {(n_i, n_j): C_ij / m + 2 * tau / eta * E_ij}  # of Langevin dynamics


def langevin_modes(d: Derivation) -> tuple[sp.Expr, sp.Expr]:
    """State the step of Langevin dynamics for two modes; return their displacements after it."""
    start = ORIGIN + sp.Matrix([x_i, x_j])
    knobs = {"learning_rate": eta, "curvature": HESSIAN, "minimum": ORIGIN}
    after = langevin.step(start, sp.Matrix([n_i, n_j]), **knobs) - ORIGIN
    first = d.add(
        "The step, in the eigenbasis of H, for the displacement x = theta - theta* along mode i; the noise n is that of"
        " the batch less sqrt(2 tau/eta) xi",
        "x_i'",
        after[0],
        (1 - eta * lambda_i) * x_i - eta * n_i,
    )
    second = d.add("and along mode j", "x_j'", after[1], (1 - eta * lambda_j) * x_j - eta * n_j)
    return first, second


def preconditioned_modes(factor: sp.Matrix, process: Process = preconditioned) -> sp.Matrix:
    """Return the displacements of theta = R phi along two modes after a step in phi, R being given."""
    start = factor.inv() * (ORIGIN + sp.Matrix([x_i, x_j]))
    knobs = {"learning_rate": eta, "factor": factor, "curvature": HESSIAN, "minimum": ORIGIN}
    after = process.step(start, sp.Matrix([n_i, n_j]), **knobs)
    return (factor * after - ORIGIN).applyfunc(sp.expand)


def divergence_of_a_mode(d: Derivation, variance: sp.Expr, share: sp.Expr) -> sp.Expr:
    """Derive what a mode of a variance adds to the divergence; ``share`` is the variance over the posterior's."""
    x, S = sp.Symbol("x", real=True), sp.Symbol("S_i", positive=True)
    own, posterior = (sp.exp(-(x**2) / (2 * v)) / sp.sqrt(2 * sp.pi * v) for v in (S, 1 / (D * lambda_i)))
    surprise = d.add(
        "The modes are independent. Along mode i the run's law is Gaussian with some variance S_i, and the posterior,"
        " proportional to exp(-D L), with the variance 1/(D lambda_i); the logarithm of the ratio of their densities",
        "log q(x) - log f(x)",
        sp.expand_log(sp.log(own) - sp.log(posterior)),
        (D * lambda_i * x**2 - x**2 / S - sp.log(D * lambda_i * S)) / 2,
        numerically=True,
    )
    divergence = d.add(
        "Its mean over the run's law",
        "KL, mode i",
        expectation(surprise, {x: 0}, {(x, x): S}),
        (D * lambda_i * S - 1 - sp.log(D * lambda_i * S)) / 2,
    )
    found = d.add("The stationary variance over that of the posterior", "r_i", D * lambda_i * variance, share)
    return d.add(
        "With it",
        "KL, mode i",
        divergence.subs(S, found / (D * lambda_i)),
        (found - 1 - sp.log(found)) / 2,
        numerically=True,
    )
