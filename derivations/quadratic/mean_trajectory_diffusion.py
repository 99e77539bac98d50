"""Derivation of the mean of the diffusion limit: gradient flow."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.quadratic._premises import flow, n_i, pair_of_modes, x_i
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import delta_i, eta, lambda_i, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    first, _ = pair_of_modes(d)
    drift = d.add(
        "Rate of change of the mean per unit of the time s = eta t",
        "dE[x_i]/ds",
        (expectation(first, {x_i: x_i, n_i: 0}, {}) - x_i) / eta,
        -lambda_i * x_i,
    )
    s = sp.Symbol("s", positive=True)
    mean = flow(drift, x_i, delta_i, s)
    d.add("Its solution from delta_i, put back", "dE[x_i]/ds", sp.diff(mean, s), drift.subs(x_i, mean))
    d.add("It starts where it should", "E[x_i](s = 0)", mean.subs(s, 0), delta_i)
    d.add("At the time s = eta t", "E[x_i(t)]", mean.subs(s, eta * t))
    return d
