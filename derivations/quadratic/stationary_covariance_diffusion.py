"""Derivation of the Lyapunov equation: the second moments' rate of change per unit of time eta, as eta goes to zero."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic._premises import CENTRED, NOISE, S, pair_of_modes, x_i, x_j
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    drift = moment_drift(d)
    solution = sp.solve(drift, S)[0]
    d.add(
        "It vanishes at one value S_ij* only; both curvatures being positive, every start decays to it",
        "dS_ij/ds",
        drift,
        -(lambda_i + lambda_j) * (S - solution),
    )
    d.add("In lowest terms", "Sigma_ij", solution)
    return d


def moment_drift(d: Derivation) -> sp.Expr:
    """Derive the drift of the second moment in the time s = eta t; shared with the transient law."""
    first, second = pair_of_modes(d)
    moment = expectation(first * second, CENTRED, {**NOISE, (x_i, x_j): S})
    temperature = sp.Symbol("epsilon", positive=True)
    rate = d.add(
        "Rate of change of the second moment per unit of the time s = eta t; the noise level epsilon = eta/m is kept",
        "(E[x_i' x_j'] - S_ij)/eta",
        ((moment - S) / eta).expand().subs(m, eta / temperature),
        -(lambda_i + lambda_j) * S + temperature * C_ij + eta * lambda_i * lambda_j * S,
    )
    limit = d.add(
        "The learning rate goes to zero at fixed epsilon",
        "dS_ij/ds",
        rate.subs(eta, 0),
        -(lambda_i + lambda_j) * S + temperature * C_ij,
    )
    return d.add(
        "Write epsilon = eta/m again: H S + S H = (eta/m) C where it vanishes",
        "dS_ij/ds",
        limit.subs(temperature, eta / m),
        -(lambda_i + lambda_j) * S + eta * C_ij / m,
    )
