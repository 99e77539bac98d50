"""Preconditioner along each mode with which SGD samples the posterior in continuous time: the inverse of the noise.

Reads as: steps are as long as the noise is small, whatever the curvature.

Fails when: m lambda is not small against D C: the step overshoots, and where D C_ii is below m lambda_i the mean
diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.posterior._optimal_preconditioner import optimal_preconditioner
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import C_ii, D, P_i, eta, m, words

optimal_preconditioner_diffusion = ClosedForm(
    name="posterior.optimal_preconditioner_diffusion",
    title="preconditioner that samples the posterior, uncorrelated modes, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=P_i,
    value=2 * m / (eta * D * C_ii),
    parameters=words(eta, m, D, C_ii),
    domain=(eta > 0, m > 0, D > 0, C_ii > 0),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "the gradient noise is Gaussian, independent of the parameters, and not correlated between modes of H",
        "the steps that come out are small, eta P_i lambda_i against one",
    ),
    process=preconditioned,
    observable=optimal_preconditioner.observable,
    points=optimal_preconditioner.points,
    sources=(
        Source("mandt2017", "Theorem 2, eq. (17)", "H = eta P, S = m, N = D, B B' = C; there for any noise, a matrix"),
    ),
    limit=Limit(exact=optimal_preconditioner, small=m),
)
