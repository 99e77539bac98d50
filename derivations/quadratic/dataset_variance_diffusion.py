"""Derivation of the Ornstein-Uhlenbeck limit of the variance about the mean of the data."""

import sympy as sp
from sgdtheory.derivations.quadratic._premises import b, one_bowl, x

from sgdtheory.algebra.batches import batch_mean_covariance
from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.symbols import D, eta, lambda_, m, s2


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(sampled_quadratics)
    after, V, W = one_bowl(d), *sp.symbols("V W", real=True)
    noise = d.add(
        "Variance of a batch's mean; the squared deviations of the data add up to (D - 1) s^2",
        "Var[b]",
        batch_mean_covariance((D - 1) * s2, D, m, replacement=False),
        s2 * (1 / m - 1 / D),
    )
    moment = expectation(after**2, {x: 0, b: 0}, {(x, x): V, (b, b): W / eta})
    rate = d.add(
        "Rate of change of the variance per unit of time s = eta t; the noise level W = eta Var[b] is kept",
        "(E[x'^2] - V)/eta",
        (moment - V) / eta,
        -2 * lambda_ * V + lambda_**2 * W + eta * lambda_**2 * V,
    )
    drift = d.add(
        "The learning rate goes to zero at fixed W", "dV/ds", rate.subs(eta, 0), -2 * lambda_ * V + lambda_**2 * W
    )
    solution = sp.solve(drift, V)[0]
    d.add("Stationary: the solution, put back", "dV/ds", drift.subs(V, solution), sp.Integer(0))
    d.add("Write W = eta Var[b] again", "Var[theta]", solution.subs(W, eta * noise))
    return d
