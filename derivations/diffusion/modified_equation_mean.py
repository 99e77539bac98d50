"""Derivation of the mean of the second-order modified equation."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._modified import modified_loss, modified_rate
from sgdtheory.derivations.quadratic._premises import flow, x_i
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import delta_i, eta, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    rate = modified_rate(d)
    modified_loss(d, rate)
    s = sp.Symbol("s", positive=True)
    mean = flow(-rate * x_i, x_i, delta_i, s)
    d.add("The flow from delta_i, put back", "dE[x_i]/ds", sp.diff(mean, s), -rate * mean)
    d.add("It starts where it should", "E[x_i](s = 0)", mean.subs(s, 0), delta_i)
    d.add("At the time s = eta t", "E[x_i(t)]", mean.subs(s, eta * t))
    return d
