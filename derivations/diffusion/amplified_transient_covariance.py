"""Derivation of the transient covariance of SVAG: the course of the recursion of second moments from zero."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.recursion import coefficients, course
from sgdtheory.derivations.diffusion._amplified import moment_after_step
from sgdtheory.derivations.quadratic._premises import S
from sgdtheory.processes.variance_amplified import variance_amplified
from sgdtheory.symbols import t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(variance_amplified)
    factor, added = coefficients(moment_after_step(d), S)
    factor = sp.factor(factor)
    solution = course(factor, added, sp.Integer(0), t)
    d.add("A fixed start has no covariance", "Sigma_ij(0)", solution.subs(t, 0), sp.Integer(0))
    d.add(
        "The solution, put into the recursion",
        "Sigma_ij(t+1)",
        factor * solution + added,
        course(factor, added, sp.Integer(0), t + 1),
    )
    d.add("Hence", "Sigma_ij(t)", solution)
    return d
