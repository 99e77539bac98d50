"""Derivation of how much longer each further saddle point takes: contraction while waiting, growth afterwards."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.diffusion._saddle import n, step_of, unstable_mode, x
from sgdtheory.processes.saddle import saddle
from sgdtheory.symbols import eta, lambda_s


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(saddle)
    growth = d.add(
        "The mean grows along its own direction, at its own saddle point, by",
        "x'/x",
        expectation(unstable_mode(d), {n: 0}, {}) / x,
    )
    waiting = step_of(sp.Matrix([x]), sp.Matrix([n]), sp.Matrix([[lambda_s]]))[0]
    contraction = d.add(
        "and contracts at every saddle point before it, by",
        "x'/x",
        expectation(waiting, {n: 0}, {}) / x,
        1 - eta * lambda_s,
    )
    first, waited, before = sp.symbols("t_1 T T_b", positive=True)
    cost = d.add(
        "Each step of contraction is undone by so many steps of growth",
        "rho",
        -sp.log(contraction) / sp.log(growth),
    )
    own = d.add(
        "After waiting for T steps, the time to grow to where the first coordinate left after t_1",
        "t_(k+1)",
        first + cost * waited,
    )
    # The times before add up: T_(k+1) = T_k + t_(k+1), and the first waits for none.
    previous = own.subs(waited, before)
    d.add(
        "The waiting time grew by the time at the saddle point before",
        "t_(k+1) - t_k",
        own.subs(waited, before + previous) - previous,
        cost * previous,
    )
    d.add("Hence", "t_(k+1)/t_k", sp.cancel(sp.together(own.subs(waited, before + previous) / previous)), 1 + cost)
    return d
