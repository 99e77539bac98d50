"""Steps that limits share: the leading term of an exact result where the learning rate goes to zero."""

from __future__ import annotations

import sympy as sp

from sgdtheory.algebra.derivation import Derivation, tidy
from sgdtheory.processes.process import Process
from sgdtheory.symbols import eta, gamma


def small_rate(process: Process, exact: sp.Expr, shown: str, order: int, written: sp.Expr) -> Derivation:
    """Derive the leading term at a fixed momentum, which goes with a power of the learning rate."""
    d = Derivation(process)
    known = d.add("The exact value, a result of its own", shown, exact, exact)
    limit = d.add(
        "The learning rate goes to zero at a fixed momentum",
        f"lim {shown}{'/eta' * order}",
        tidy(known / eta**order).subs(eta, 0),
    )
    d.add("To leading order, then", shown, eta**order * limit, written)
    return d


def light_damping(process: Process, exact: sp.Expr, shown: str, order: int, written: sp.Expr) -> Derivation:
    """Derive the leading term where the damping goes to zero with the square root of the learning rate."""
    d = Derivation(process)
    s = sp.Symbol("s", positive=True)
    known = d.add("The exact value, a result of its own", shown, exact, exact)
    scaled = d.add(
        "Hold s = eta/gamma^2 fixed, and divide by the power of gamma with which it goes",
        f"{shown}/gamma" if order == 1 else f"gamma {shown}",
        tidy(known.subs(eta, s * gamma**2) / gamma**order),
    )
    limit = d.add("The damping goes to zero", "its limit", scaled.subs(gamma, 0))
    d.add("With s and the power put back", shown, (limit * gamma**order).subs(s, eta / gamma**2), written)
    return d
