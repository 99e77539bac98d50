"""Derivation of the stationary covariance: the fixed point of the recursion of second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.quadratic._premises import CENTRED, NOISE, S, pair_of_modes, x_i, x_j
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    first, second = pair_of_modes(d)
    moment = d.add(
        "Multiply and take the expectation; the noise is independent of x, has mean zero and covariance C/m",
        "E[x_i' x_j']",
        expectation(first * second, CENTRED, {**NOISE, (x_i, x_j): S}),
        (1 - eta * lambda_i) * (1 - eta * lambda_j) * S + eta**2 * C_ij / m,
    )
    factor, added = coefficients(moment, S)
    d.add("One minus the factor in front of S_ij, in lowest terms", "1 - a", 1 - factor)
    solution = fixed_point(factor, added)
    d.add(
        "Stationary: E[x_i' x_j'] = S_ij, a linear equation; its solution is put back",
        "S_ij",
        moment.subs(S, solution),
        solution,
    )
    d.add("In lowest terms", "Sigma_ij", solution)
    return d
