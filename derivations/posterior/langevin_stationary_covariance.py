"""Derivation of the stationary covariance of Langevin dynamics: the fixed point of the recursion of second moments."""

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.posterior._premises import TOTAL_NOISE, langevin_modes
from sgdtheory.derivations.quadratic._premises import CENTRED, S, x_i, x_j
from sgdtheory.processes.langevin import langevin
from sgdtheory.symbols import C_ij, E_ij, eta, lambda_i, lambda_j, m, tau


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(langevin)
    first, second = langevin_modes(d)
    moment = d.add(
        "Multiply and take the expectation; the noise is independent of x, with covariance C/m + (2 tau/eta) E",
        "E[x_i' x_j']",
        expectation(first * second, CENTRED, {**TOTAL_NOISE, (x_i, x_j): S}),
        (1 - eta * lambda_i) * (1 - eta * lambda_j) * S + eta**2 * C_ij / m + 2 * eta * tau * E_ij,
    )
    solution = fixed_point(*coefficients(moment, S))
    d.add(
        "Each step multiplies the distance from S_ij*, the solution of E[x_i' x_j'] = S_ij, by the factors of the two"
        " modes, which are below one in size where eta lambda < 2: from every start the second moment tends to it",
        "E[x_i' x_j'] - S_ij*",
        moment - solution,
        (1 - eta * lambda_i) * (1 - eta * lambda_j) * (S - solution),
    )
    d.add("In lowest terms", "Sigma_ij", solution)
    return d
