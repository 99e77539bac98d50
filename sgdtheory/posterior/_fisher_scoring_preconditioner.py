"""Preconditioner along each mode with which stochastic gradient Fisher scoring samples the posterior exactly.

Reads as: P = 2 (D (eta C/m + E) + eta H)^-1, mode by mode: injected noise E replaces noise of the batch, and where both
are small eta P nears 2 H^-1, twice a Newton step and the edge of stability. To hold P below some h, inject
E = 2/(D h) - eta C/m - eta H/D.

Fails when: the noise is correlated between modes: then the inverse is that of the matrix, and no diagonal one will do.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.posterior._fisher_points import APART
from sgdtheory.processes.fisher_scoring import fisher_scoring
from sgdtheory.processes.posterior import PosteriorSteps
from sgdtheory.symbols import C_ii, D, E_ii, P_i, eta, lambda_i, m, words

fisher_scoring_preconditioner = ClosedForm(
    name="posterior.fisher_scoring_preconditioner",
    title="preconditioner of Fisher scoring that samples the posterior, uncorrelated modes, exact",
    kind=Kind.EXACT,
    symbol=P_i,
    value=2 / (D * (eta * C_ii / m + E_ii) + eta * lambda_i),
    parameters=words(eta, m, D, lambda_i, C_ii, E_ii),
    domain=(eta > 0, m > 0, D > 0, lambda_i > 0, eta * C_ii + m * E_ii > 0),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "noise of the gradient and injected noise sqrt(eta) P xi, Cov[xi] = E, are Gaussian, independent of the"
        " parameters, and not correlated between modes of H",
    ),
    process=fisher_scoring,
    observable=PosteriorSteps(),
    points=APART,
    sources=(),
)
