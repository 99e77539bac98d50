"""Derivation of how much longer each further saddle point takes gradient flow."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.diffusion._saddle import n, step_of, unstable_mode, x
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import eta, lambda_s


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(saddle)
    grown = unstable_mode(d).subs(n, 0)
    shrunk = step_of(sp.Matrix([x]), sp.zeros(1, 1), sp.Matrix([[lambda_s]]))[0]
    up = d.add("Rate of growth in the time s = eta t, as eta goes to zero", "gamma", (sp.expand(grown / x) - 1) / eta)
    down = d.add("Rate of contraction while a coordinate waits", "lambda", (1 - sp.expand(shrunk / x)) / eta)
    d.add(
        "Each unit of time at a saddle point costs lambda/gamma at the next, where all of the time before has to be"
        " made up for: times grow by",
        "t_(k+1)/t_k",
        1 + down / up,
    )
    return d
