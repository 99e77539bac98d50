"""Derivation of the entropy production: the log-likelihood of a step forwards less that of the same step backwards."""

import sympy as sp

from sgdtheory.algebra.derivation import Derivation
from sgdtheory.algebra.moments import covariance, expectation
from sgdtheory.derivations.diffusion._currents import QUIET
from sgdtheory.derivations.diffusion._two_modes import correlated, of_two_modes
from sgdtheory.derivations.quadratic._premises import CENTRED, NOISE, S, pair_of_modes, x_i, x_j
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.quadratic import stationary_covariance
from sgdtheory.symbols import eta, lambda_i, lambda_j


def derive() -> Derivation:
    """Return the derivation."""
    d = Derivation(additive_noise)
    first, second = pair_of_modes(d)
    backwards = [x - expectation(after, QUIET, {}).subs(x, after) for x, after in ((x_i, first), (x_j, second))]
    noise = d.add(
        "A Gaussian step x -> x' has the log-density -u'W^-1 u/2 and a constant, where u = x' - E[x' | x] has the"
        " covariance W",
        "W_ij",
        covariance(first, second, QUIET, NOISE),
    )
    missed = d.add(
        "The same step backwards, from x' to x, has v = x - E[x' | x]_(x -> x') in the place of u; the stationary"
        " densities of x and x' cancel on the average, and what is left of the log-ratio's mean is"
        " tr(W^-1 (E[v v'] - W))/2",
        "E[v_i v_j] - W_ij",
        expectation(sp.expand(backwards[0] * backwards[1]), CENTRED, {**NOISE, (x_i, x_j): S}) - noise,
    )
    entry = d.add("The stationary covariance, a result of its own", "Sigma_ij", stationary_covariance.value)
    excess = d.add(
        "Put it in: only pairs of modes that differ in curvature remain",
        "E[v_i v_j] - W_ij",
        missed.subs(S, entry),
        -(eta**2) * (lambda_i - lambda_j) ** 2 * entry,
    )
    W, X = of_two_modes(noise), of_two_modes(excess)
    d.add(
        "For two modes, with the squared correlation R_12 of the noise",
        "e_p",
        correlated((W.inv() * X).trace() / 2),
    )
    return d
