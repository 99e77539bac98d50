"""Derivation of the stationary covariance of the second-order modified equation from its looks at times eta apart."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.algebra.recursion import coefficients, fixed_point
from sgdtheory.derivations.quadratic._premises import CENTRED, S, flow, n_i, n_j, x_i, x_j
from sgdtheory.processes.modified_equation import modified_equation
from sgdtheory.symbols import C_ij, eta, lambda_i, lambda_j, m


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(modified_equation)
    k = sp.symbols("k_i k_j", positive=True)
    s = sp.Symbol("s", positive=True)
    V = sp.Symbol("V_ij", real=True)
    origin = sp.Matrix(sp.symbols("theta*_i theta*_j", real=True))
    lost = sp.diag(*((1 - sp.exp(-eta * rate)) / eta for rate in k))
    start, noise = origin + sp.Matrix([x_i, x_j]), sp.Matrix([n_i, n_j])
    after = modified_equation.step(start, noise, learning_rate=eta, decay=lost, minimum=origin) - origin
    first = d.add(
        "From one look to the next, in the eigenbasis of H, which is that of K, for the displacement x = theta -"
        " theta*",
        "x_i'",
        sp.expand(after[0]),
        sp.exp(-eta * k[0]) * x_i - eta * n_i,
    )
    second = d.add("and along mode j", "x_j'", sp.expand(after[1]), sp.exp(-eta * k[1]) * x_j - eta * n_j)
    drift = -(k[0] + k[1]) * V + eta * C_ij / m
    gained = flow(drift, V, sp.Integer(0), s)
    d.add(
        "The covariance that the equation gains obeys a linear equation, by Ito's formula; its solution from zero, put"
        " back",
        "dV_ij/ds",
        sp.diff(gained, s),
        sp.expand(drift.subs(V, gained)),
    )
    noises = {(n_i, n_j): gained.subs(s, eta) / eta**2, (x_i, x_j): S}
    moment = expectation(first * second, CENTRED, noises)
    solution = fixed_point(*coefficients(moment, S))
    d.add(
        "Stationary: E[x_i' x_j'] = S_ij; both rates are positive, so that every start decays to it",
        "E[x_i' x_j'] - S_ij*",
        moment - solution,
        sp.exp(-eta * (k[0] + k[1])) * (S - solution),
    )
    covariance = d.add("In lowest terms", "S_ij*", solution)
    x = sp.Symbol("x", real=True)
    rates = []
    for name, curvature in (("i", lambda_i), ("j", lambda_j)):
        loss = curvature * x**2 / 2
        rates.append(
            d.add(
                f"The drift along mode {name}, that of the loss L + (eta/4) |grad L|^2, over x",
                f"k_{name}",
                sp.diff(loss + eta / 4 * sp.diff(loss, x) ** 2, x) / x,
                curvature * (1 + eta * curvature / 2),
            )
        )
    d.add("With these rates", "Sigma_ij", covariance.subs(dict(zip(k, rates, strict=True))))
    return d
