"""The variance of one mode: the covariance of two modes that are the same one."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.symbols import c, c_12, lambda_, lambda_1, lambda_2, v, v_12

SAME = {lambda_1: lambda_, lambda_2: lambda_, v_12: v, c_12: c}


def variance_of_one(d: Derivation, covariance: sp.Expr) -> sp.Expr:
    """Add the variance that follows from the covariance of two modes, a result of its own."""
    return d.add(
        "The covariance of two modes, a result of its own, where both are the one parameter",
        "Var[theta]",
        sp.factor(covariance.subs(SAME)),
    )
