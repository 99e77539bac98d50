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
    d.add(
        "A mode's factor a_i = 1 - eta lambda_i lies inside the unit circle if and only if 0 < eta lambda_i < 2",
        "1 - a_i^2",
        1 - coefficients(first, x_i)[0] ** 2,
        eta * lambda_i * (2 - eta * lambda_i),
    )
    solution = fixed_point(factor, added)
    d.add(
        "Stationary: E[x_i' x_j'] = S_ij, a linear equation; its solution is put back",
        "S_ij*",
        moment.subs(S, solution),
        solution,
    )
    d.add(
        "Each step multiplies the distance from it by a_i a_j, which is below one in size: from every start the second"
        " moment tends to it",
        "E[x_i' x_j'] - S_ij*",
        moment - solution,
        (1 - eta * lambda_i) * (1 - eta * lambda_j) * (S - solution),
    )
    d.add("In lowest terms", "Sigma_ij", solution)
    return d
