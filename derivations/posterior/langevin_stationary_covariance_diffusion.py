"""Derivation of the Lyapunov equation of Langevin dynamics: the second moments' rate of change as eta goes to zero."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.posterior._premises import TOTAL_NOISE, langevin_modes
from sgdtheory.derivations.quadratic._premises import CENTRED, S, x_i, x_j
from sgdtheory.processes.langevin import langevin
from sgdtheory.symbols import C_ij, E_ij, eta, lambda_i, lambda_j, m, tau


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(langevin)
    first, second = langevin_modes(d)
    moment = expectation(first * second, CENTRED, {**TOTAL_NOISE, (x_i, x_j): S})
    level = sp.Symbol("epsilon", positive=True)
    rate = d.add(
        "Rate of change of the second moment per unit of the time s = eta t; the noise level epsilon = eta/m is kept",
        "(E[x_i' x_j'] - S_ij)/eta",
        ((moment - S) / eta).expand().subs(m, eta / level),
        -(lambda_i + lambda_j) * S + level * C_ij + 2 * tau * E_ij + eta * lambda_i * lambda_j * S,
    )
    drift = d.add(
        "The learning rate goes to zero at fixed epsilon; then write epsilon = eta/m again",
        "dS_ij/ds",
        rate.expand().subs(eta, 0).subs(level, eta / m),
        -(lambda_i + lambda_j) * S + eta * C_ij / m + 2 * tau * E_ij,
    )
    solution = sp.solve(drift, S)[0]
    d.add(
        "It vanishes at one value S_ij* only; both curvatures being positive, every start decays to it",
        "dS_ij/ds",
        drift,
        -(lambda_i + lambda_j) * (S - solution),
    )
    d.add("In lowest terms", "Sigma_ij", solution)
    return d
