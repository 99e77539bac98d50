"""Derivation of the mean-square stability limit with Nesterov's momentum: where the stationary variance diverges."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.quadratic_sums._premises import step_of_one_mode
from sgdtheory.processes.sampled_curvature import sampled_curvature_with_nesterov
from sgdtheory.quadratic_sums import stationary_variance_nesterov
from sgdtheory.symbols import eta, lambda_, mu, p, v


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_curvature_with_nesterov)
    step_of_one_mode(d)
    value = d.add("The stationary variance, a result of its own", "Var[theta]", stationary_variance_nesterov.value)
    below = sp.Poly(sp.denom(sp.factor(value)), eta)
    below = below if below.nth(2).subs({lambda_: 1, mu: 1, p: 1, v: 1}) > 0 else -below
    square, linear, constant = below.all_coeffs()
    d.add("Its denominator is quadratic in eta: the coefficient of eta^2 is positive", "a_2", square)
    d.add("that of eta may have either sign", "a_1", linear)
    d.add("and the constant is negative, so that one root is positive", "a_0", constant)
    root = -2 * constant / (linear + sp.sqrt(linear**2 - 4 * square * constant))
    limit = d.add(
        "The moments of x and w make a positive matrix, and a step takes such matrices to such; so the mean square"
        " converges, from zero on, exactly up to where its stationary value becomes infinite: at this root",
        "eta_ms",
        root,
        4
        * lambda_
        * (1 - mu**2)
        / (
            (1 + mu) * p * v
            + (1 - mu - 4 * mu**2) * lambda_**2
            + sp.sqrt(
                ((1 + mu) * p * v + (1 - mu - 4 * mu**2) * lambda_**2) ** 2
                + 8 * (1 - mu**2) * mu * (1 + 2 * mu) * lambda_**2 * (lambda_**2 + p * v)
            )
        ),
        numerically=True,
    )
    d.add(
        "Put back, the denominator vanishes",
        "a_2 eta_ms^2 + a_1 eta_ms + a_0",
        square * limit**2 + linear * limit + constant,
        sp.Integer(0),
        numerically=True,
    )
    d.add("Hence", "eta_ms", limit, limit)
    return d
