"""Kullback-Leibler divergence of SGD's stationary law from the posterior, exact, where noise and Hessian commute.

Reads as: with r the variance along a mode over that of the posterior, each mode adds (r - 1 - log r)/2: nothing where
r = 1, as much as one likes where the noise vanishes.

Fails when: the noise is correlated between modes: the divergence is then larger than this.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.posterior._points import COMMUTING
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.posterior import PosteriorDivergence
from sgdtheory.symbols import C_ii, D, eta, kl, lambda_i, m, words

ratio = D * eta * C_ii / (m * (2 - eta * lambda_i))

divergence = ClosedForm(
    name="posterior.divergence",
    title="divergence of SGD from the posterior, uncorrelated modes, exact",
    kind=Kind.EXACT,
    symbol=kl,
    value=(ratio - 1 - sp.log(ratio)) / 2,
    parameters=words(eta, m, D, lambda_i, C_ii),
    domain=(eta > 0, m > 0, D > 0, lambda_i > 0, C_ii > 0, eta * lambda_i < 2),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum: L is the mean loss of D samples",
        "the gradient noise is Gaussian, independent of the parameters, and not correlated between modes of H",
    ),
    process=additive_noise,
    observable=PosteriorDivergence(),
    points=COMMUTING,
    sources=(
        Source(
            "mandt2017",
            "the divergence above eq. (16)",
            "N = D, A = H; there with the covariance of continuous time, and any noise",
        ),
    ),
)
