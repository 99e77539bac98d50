"""Derivation of the time-dependent covariance of the diffusion limit: a linear differential equation from zero."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic._premises import S, flow
from sgdtheory.derivations.quadratic.stationary_covariance_diffusion import moment_drift
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import eta, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    drift = moment_drift(d)
    s = sp.Symbol("s", positive=True)
    solution = flow(drift, S, sp.Integer(0), s)
    d.add("The solution that starts at zero, put back", "dS_ij/ds", sp.diff(solution, s), drift.subs(S, solution))
    d.add("A fixed start has no covariance", "S_ij(s = 0)", solution.subs(s, 0), sp.Integer(0))
    d.add("At the time s = eta t", "Sigma_ij(t)", solution.subs(s, eta * t))
    return d
