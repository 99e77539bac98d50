"""Kullback-Leibler divergence of SGD's stationary law from the posterior in continuous time, uncorrelated modes.

Reads as: the same function of r, now eta D C/(2 m): curvature has left it, and the flattest mode is no worse off.

Fails when: eta lambda is not small: there the law is wider than this knows.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.posterior._divergence import divergence
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ii, D, eta, kl, m, words

ratio = D * eta * C_ii / (2 * m)

divergence_diffusion = ClosedForm(
    name="posterior.divergence_diffusion",
    title="divergence of SGD from the posterior, uncorrelated modes, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=kl,
    value=(ratio - 1 - sp.log(ratio)) / 2,
    parameters=words(eta, m, D, C_ii),
    domain=(eta > 0, m > 0, D > 0, C_ii > 0),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "the gradient noise is Gaussian, independent of the parameters, and not correlated between modes of H",
        "the learning rate is small against every 1/lambda_i; D eta is kept",
    ),
    process=additive_noise,
    observable=divergence.observable,
    points=divergence.points,
    sources=(Source("mandt2017", "eq. (16)", "twice the divergence, up to terms without epsilon; N = D, S = m"),),
    errata=(
        Erratum(
            Source(
                "mandt2017",
                "eq. (20), + log|H| + log|Q| with Q = Sigma H^-1",
                "their H is the preconditioner, here eta times the identity; what they drop is as in the right formula",
            ),
            printed=(ratio - 1 + sp.log(ratio)) / 2,
            says="both logarithms need a minus, as in eq. (16): with a plus no rate is optimal; Theorem 2 survives",
        ),
    ),
    limit=Limit(exact=divergence, small=eta, scaling={"dataset_size": -1}),
)
