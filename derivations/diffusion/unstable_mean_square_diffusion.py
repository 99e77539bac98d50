"""Derivation of the mean square of the diffusion limit along an unstable direction."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._saddle import X, mean_square_drift
from sgdtheory.derivations.quadratic._premises import flow
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import delta_u, eta, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(saddle)
    drift = mean_square_drift(d)
    s = sp.Symbol("s", positive=True)
    solution = flow(drift, X, delta_u**2, s)
    d.add("The solution, put back", "dX/ds", sp.diff(solution, s), drift.subs(X, solution))
    d.add("A fixed start", "X(s = 0)", solution.subs(s, 0), delta_u**2)
    d.add("At the time s = eta t", "E[x_t^2]", solution.subs(s, eta * t))
    return d
