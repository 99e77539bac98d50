"""Derivation of the loss at an average of cycle ends: the recursion of sums of places a cycle apart."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.derivations.averaging._cycles import cycle, cycle_covariance
from sgdtheory.derivations.averaging._windows import sum_of_places
from sgdtheory.derivations.quadratic._expected_forms import excess_loss
from sgdtheory.derivations.quadratic._premises import S, n_i, n_j, x_i, x_j
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import C_ii, C_ij, T, lambda_i, lambda_j

rho_i, rho_j = sp.symbols("rho_i rho_j", real=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(scheduled)
    first, second = cycle(d)
    one_mode = {lambda_j: lambda_i, C_ij: C_ii}
    variance = cycle_covariance(d, (first, second)).subs(one_mode)
    kept = d.add("A cycle keeps of a displacement along mode i the share", "rho_i", sp.diff(first, x_i))
    centred = {n_i: sp.Integer(0), n_j: sp.Integer(0)}
    total = sum_of_places(d, S, (rho_i * x_i - n_i, rho_j * x_j - n_j), centred, {}).subs(rho_j, rho_i)
    average = d.add(
        "The average is the sum over T; S is the covariance of the places. With j = i",
        "Var[average]_i",
        total / T**2,
        S * (1 + 2 * rho_i / (1 - rho_i) - 2 * rho_i * (1 - rho_i**T) / (T * (1 - rho_i) ** 2)) / T,
    )
    shown, part = excess_loss(d)
    found = sp.cancel(part / x_i**2) * average.subs({rho_i: kept, S: variance})
    d.add("The loss at the average", shown, found, found)
    return d
