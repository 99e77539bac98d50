"""Derivation of the covariance of the diffusion limit near a saddle point: a linear differential equation from zero."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.diffusion._saddle import NOISE, S, n_i, n_j, pair_of_modes, x_i, x_j
from sgdtheory.derivations.quadratic._premises import flow
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import C_ij, eta, h_i, h_j, m, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(saddle)
    first, second = pair_of_modes(d)
    moment = expectation(first * second, {x_i: 0, x_j: 0, n_i: 0, n_j: 0}, {**NOISE, (x_i, x_j): S})
    temperature, s = sp.symbols("epsilon s", positive=True)
    rate = d.add(
        "Rate of change of the covariance per unit of the time s = eta t; the noise level epsilon = eta/m is kept",
        "(E[x_i' x_j'] - S_ij)/eta",
        ((moment - S) / eta).expand().subs(m, eta / temperature),
        -(h_i + h_j) * S + temperature * C_ij + eta * h_i * h_j * S,
    )
    drift = d.add(
        "The learning rate goes to zero at fixed epsilon",
        "dS_ij/ds",
        rate.subs(eta, 0),
        -(h_i + h_j) * S + temperature * C_ij,
    )
    pull = sp.Symbol("h", nonzero=True)  # of both modes, so that the solver does not ask where it vanishes
    solution = flow(drift.subs(h_i, pull - h_j), S, sp.Integer(0), s).subs(pull, h_i + h_j)
    d.add("The solution that starts at zero, put back", "dS_ij/ds", sp.diff(solution, s), drift.subs(S, solution))
    d.add("A fixed start has no covariance", "S_ij(s = 0)", solution.subs(s, 0), sp.Integer(0))
    d.add(
        "At the time s = eta t, with epsilon = eta/m", "Sigma_ij(t)", solution.subs({s: eta * t, temperature: eta / m})
    )
    return d
