"""What derivations about SVAG start from: its step along two modes, and the second moment after it."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import covariance
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.quadratic._premises import S, x_i, x_j
from sgdtheory.processes.variance_amplified import variance_amplified
from sgdtheory.symbols import C_ii, C_ij, C_jj, ell, eta, lambda_i, lambda_j, m

# The noise of the first and of the second batch along the modes.
a_i, a_j, b_i, b_j = sp.symbols("a_i a_j b_i b_j", real=True)
ROOT = sp.sqrt(2 * ell - 1)
MEANS = {x_i: sp.Symbol("mu_i"), x_j: sp.Symbol("mu_j"), a_i: 0, a_j: 0, b_i: 0, b_j: 0}
COVARIANCES = {
    (x_i, x_j): S,
    **{pair: C_ij / m for pair in ((a_i, a_j), (b_i, b_j))},
    **{pair: C_ii / m for pair in ((a_i, a_i), (b_i, b_i))},
    **{pair: C_jj / m for pair in ((a_j, a_j), (b_j, b_j))},
}


def moment_after_step(d: Derivation) -> sp.Expr:
    """Derive the covariance of two modes after a step, whatever their mean."""
    origin = sp.Matrix(sp.symbols("theta*_i theta*_j", real=True))
    after = (
        variance_amplified.step(
            origin + sp.Matrix([x_i, x_j]),
            (sp.Matrix([a_i, a_j]), sp.Matrix([b_i, b_j])),
            learning_rate=eta,
            curvature=sp.diag(lambda_i, lambda_j),
            minimum=origin,
            amplification=ell,
            root=ROOT,
        )
        - origin
    )
    first = d.add(
        "The step, in the eigenbasis of H, for the displacement x = theta - theta* along mode i; a and b are the noises"
        " of the two batches. Their weights add up to one, so that the mean moves as with the learning rate eta/l",
        "x_i'",
        sp.expand(after[0]),
        (1 - eta * lambda_i / ell) * x_i - eta * ((1 + ROOT) * a_i + (1 - ROOT) * b_i) / (2 * ell),
    )
    second = d.add(
        "and along mode j",
        "x_j'",
        sp.expand(after[1]),
        (1 - eta * lambda_j / ell) * x_j - eta * ((1 + ROOT) * a_j + (1 - ROOT) * b_j) / (2 * ell),
    )
    return d.add(
        "Covariance after a step, whatever the mean; the squares of the weights add up to l",
        "Cov[x_i', x_j']",
        sp.expand(covariance(first, second, MEANS, COVARIANCES)),
        (1 - eta * lambda_i / ell) * (1 - eta * lambda_j / ell) * S + eta**2 * C_ij / (m * ell),
    )


def stationary_moment(d: Derivation) -> sp.Expr:
    """Derive the stationary covariance of two modes."""
    moment = moment_after_step(d)
    solution = fixed_point(*coefficients(moment, S))
    d.add(
        "Each step multiplies the distance from S_ij*, the solution of Cov[x_i', x_j'] = S_ij, by the factors of the"
        " two modes, which are below one in size where eta lambda < 2 l: from every start the covariance tends to it",
        "Cov[x_i', x_j'] - S_ij*",
        moment - solution,
        (1 - eta * lambda_i / ell) * (1 - eta * lambda_j / ell) * (S - solution),
    )
    return d.add("In lowest terms", "Sigma_ij", solution)
