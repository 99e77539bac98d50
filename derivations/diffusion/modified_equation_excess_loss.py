"""Derivation of the excess loss by the second-order modified equation, from its rate and the noise of a step."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation, tidy
from sgdtheory.algebra.moments import covariance
from sgdtheory.derivations.diffusion._modified import modified_rate
from sgdtheory.derivations.quadratic._expected_forms import excess_loss
from sgdtheory.derivations.quadratic._premises import NOISE, flow, n_i, n_j, pair_of_modes, x_i, x_j
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ii, delta_i, eta, lambda_i, m, t


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    rate = modified_rate(d)
    step, _ = pair_of_modes(d)
    gained = d.add(
        "Per unit of time the noise of the steps adds to the variance",
        "Var[x_i' given x_i]/eta",
        covariance(step, step, {n_i: 0, n_j: 0, x_i: x_i, x_j: x_j}, NOISE) / eta,
        eta * C_ii / m,
    )
    k, s, M = sp.Symbol("k_i", positive=True), sp.Symbol("s", positive=True), sp.Symbol("M_i", real=True)
    moment = flow(gained - 2 * k * M, M, delta_i**2, s)
    d.add(
        "The second moment obeys a linear equation, by Ito's formula; its solution from delta_i^2, put back",
        "dE[x_i^2]/ds",
        sp.diff(moment, s),
        sp.expand(gained - 2 * k * moment),
    )
    from_start = delta_i**2 * sp.exp(-2 * k * s)
    noise = d.add("What comes from the noise", "E[x_i^2] - delta_i^2 exp(-2 k_i s)", moment - from_start)
    kept = d.add(
        "It carries a factor eta: the rate's own eta changes it beyond the order of the equation and is dropped",
        "eta ((E[x_i^2] - delta_i^2 exp(-2 k_i s))/eta at eta = 0)",
        eta * tidy(noise / eta).subs(k, rate).subs(eta, 0),
        eta * C_ii * (1 - sp.exp(-2 * lambda_i * s)) / (2 * m * lambda_i),
    )
    shown, part = excess_loss(d)
    d.add(
        "With the second moment at the time s = eta t",
        shown,
        (part / x_i**2).cancel() * (from_start.subs(k, rate) + kept).subs(s, eta * t),
        lambda_i
        / 2
        * (
            sp.exp(-2 * eta * lambda_i * t * (1 + eta * lambda_i / 2)) * delta_i**2
            + eta * C_ii * (1 - sp.exp(-2 * eta * lambda_i * t)) / (2 * m * lambda_i)
        ),
    )
    return d
