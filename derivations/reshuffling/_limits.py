"""Steps that limits and ratios share: the leading term of an exact result, and the variance with fresh batches."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation, tidy
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.algebra.series import leading_term
from sgdtheory.derivations.reshuffling._premises import S, U_ij, U_ji, step_of_the_moments
from sgdtheory.symbols import C_ii, C_ij, D, M, eta, lambda_i, lambda_j


def leading(d: Derivation, exact: sp.Expr, shown: str, written: sp.Expr) -> None:
    """Derive the leading term of an exact result as the learning rate goes to zero."""
    value = d.add("The exact value, a result of its own", shown, exact, exact)
    order, coefficient = leading_term(tidy(value), eta)
    d.add("Its expansion in the learning rate begins with", shown, coefficient * eta**order, written)


def over_fresh_batches(d: Derivation, covariance: sp.Expr, shown: str, written: sp.Expr) -> None:
    """Derive the variance of a mode over that with fresh batches of the same size, drawn without replacement."""
    *_, moment = step_of_the_moments(d)
    one = {lambda_j: lambda_i, C_ij: C_ii}
    fresh = d.add(
        "A fresh batch at each step knows nothing of x: U_ij = 0. The second moment that a step then leaves as it is",
        "S_ii, fresh batches",
        fixed_point(*coefficients(moment.subs({U_ij: 0, U_ji: 0}).subs(one), S)),
        eta * C_ii * (M - 1) / ((D - 1) * lambda_i * (2 - eta * lambda_i)),
    )
    d.add("The variance in shuffled epochs, a result of its own, over it", shown, covariance.subs(one) / fresh, written)
