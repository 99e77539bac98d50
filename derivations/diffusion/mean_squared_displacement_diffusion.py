"""Derivation of the mean squared displacement in the diffusion limit: the covariance with the start decays."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import expectation
from sgdtheory.derivations.diffusion._currents import diffusion
from sgdtheory.derivations.quadratic._premises import flow, x_i
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance_diffusion
from sgdtheory.symbols import C_ii, C_ij, eta, k, lambda_i, lambda_j

start, G = sp.symbols("y_i G_ii", real=True)


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    drift, _ = diffusion(d)
    rate = d.add(
        "Only the drift changes the covariance G of the displacement with its start y",
        "dG_ii/ds",
        expectation(sp.expand(drift[0] * start), {x_i: 0, start: 0}, {(x_i, start): G}),
        -lambda_i * G,
    )
    variance = d.add(
        "which begins as the stationary variance, a result of its own",
        "Sigma_ii",
        stationary_covariance_diffusion.value.subs({lambda_j: lambda_i, C_ij: C_ii}),
    )
    s = sp.Symbol("s", positive=True)
    solution = flow(rate, G, variance, s)
    d.add("The solution, put back", "dG_ii/ds", sp.diff(solution, s), rate.subs(G, solution))
    d.add(
        "Twice what it has lost at the time s = eta k, summed over the modes",
        "E|theta_(t+k) - theta_t|^2",
        2 * (variance - solution.subs(s, eta * k)),
    )
    return d
