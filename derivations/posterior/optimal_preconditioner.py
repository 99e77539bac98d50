"""Derivation of the preconditioner along each mode that gives the posterior's variance."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.posterior._premises import preconditioned_modes
from sgdtheory.derivations.quadratic._premises import CENTRED, NOISE, n_i, x_i
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import C_ii, D, eta, lambda_i, m

P = sp.Symbol("P", positive=True)
S = sp.Symbol("S_i", nonnegative=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(preconditioned)
    moment = second_moment(d)
    variance = d.add(
        "Stationary: it is as it was; where eta P lambda_i < 2 every start tends to this",
        "S_i",
        fixed_point(*coefficients(moment, S)),
        eta * P * C_ii / (m * lambda_i * (2 - eta * P * lambda_i)),
    )
    share = D * lambda_i * variance
    (step,) = sp.solve(sp.numer(sp.together(share - 1)), P)
    d.add(
        "It is that of the posterior, 1/(D lambda_i), at one P only; the law being Gaussian, it is then the posterior",
        "D lambda_i S_i - 1",
        share - 1,
        eta * (D * C_ii + m * lambda_i) * (P - step) / (m * (2 - eta * P * lambda_i)),
    )
    d.add("Hence", "P_i", step)
    return d


def second_moment(d: Derivation) -> sp.Expr:
    """Derive the second moment of a mode after a step; shared with the limit of small steps."""
    other = sp.Symbol("P_j", positive=True)
    after = d.add(
        "The step for theta = R phi along mode i, in the eigenbasis of H, where R and P = R R' are diagonal",
        "x_i'",
        preconditioned_modes(sp.diag(sp.sqrt(P), sp.sqrt(other)))[0],
        (1 - eta * P * lambda_i) * x_i - eta * P * n_i,
    )
    return d.add(
        "Its second moment; the noise is independent of x",
        "E[x_i'^2]",
        expectation(after**2, CENTRED, {**NOISE, (x_i, x_i): S}),
        (1 - eta * P * lambda_i) ** 2 * S + eta**2 * P**2 * C_ii / m,
    )
