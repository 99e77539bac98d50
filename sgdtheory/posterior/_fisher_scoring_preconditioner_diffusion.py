"""Preconditioner along each mode of stochastic gradient Fisher scoring in continuous time: the inverse of all noise.

Reads as: P = (2/D) (eta C/m + E)^-1, whatever the curvature.

Fails when: eta H is not small against D (eta C/m + E): the step overshoots.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.posterior._fisher_scoring_preconditioner import fisher_scoring_preconditioner
from sgdtheory.processes.fisher_scoring import fisher_scoring
from sgdtheory.symbols import C_ii, D, E_ii, P_i, eta, m, words

fisher_scoring_preconditioner_diffusion = ClosedForm(
    name="posterior.fisher_scoring_preconditioner_diffusion",
    title="preconditioner of Fisher scoring that samples the posterior, uncorrelated modes, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=P_i,
    value=2 / (D * (eta * C_ii / m + E_ii)),
    parameters=words(eta, m, D, C_ii, E_ii),
    domain=(eta > 0, m > 0, D > 0, eta * C_ii / m + E_ii > 0),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "noise of the gradient and injected noise sqrt(eta) P xi, Cov[xi] = E, are Gaussian, independent of the"
        " parameters, and not correlated between modes of H",
        "the steps that come out are small, eta P_i lambda_i against one; the noise level eta/m is kept",
    ),
    process=fisher_scoring,
    observable=fisher_scoring_preconditioner.observable,
    points=fisher_scoring_preconditioner.points,
    sources=(
        Source(
            "mandt2017",
            "Theorem 5, eq. (27), H = (2/N) (epsilon B B' + E E')^-1",
            "their step theta' = theta - epsilon H g + sqrt(epsilon) H E W: H = P, epsilon = eta, N = D, S = m = 1,"
            " B B' = C, E E' = E; there for any noise, a matrix",
        ),
    ),
    limit=Limit(exact=fisher_scoring_preconditioner, small=eta, scaling={"batch_size": 1}),
)
