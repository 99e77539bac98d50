"""Variance along each mode of Fisher scoring with the preconditioner 2 (D (eta C/m + E) + eta H)^-1, any noise.

Reads as: with this matrix steps of any size sample the posterior exactly, whatever noise is injected.

Fails when: the noise varies with the parameters, as it does where samples differ in their curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.posterior._fisher_points import SCORED
from sgdtheory.processes.fisher_scoring import fisher_scoring
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.preconditioned import mode_squares
from sgdtheory.symbols import D, Sigma_ii, lambda_i, words

fisher_scoring_variance = ClosedForm(
    name="posterior.fisher_scoring_variance",
    title="variance of Fisher scoring with the preconditioner that samples the posterior, any noise, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ii,
    value=1 / (D * lambda_i),
    parameters=words(D, lambda_i),
    domain=(D > 0, lambda_i > 0),
    assumptions=(
        "noise of the gradient and injected noise sqrt(eta) P xi have any covariances C/m and Cov[xi] = E, and are"
        " independent of the parameters",
        "the preconditioner is P = 2 (D (eta C/m + E) + eta H)^-1",
        "modes are not correlated with one another",
    ),
    process=fisher_scoring,
    observable=Moment("variance of the parameters along each eigenvector, stationary", mode_squares),
    points=SCORED,
    sources=(
        Source(
            "mandt2017",
            "Theorem 5, P = (2/D) (eta C + E)^-1",
            "H = P, epsilon = eta, N = D, S = m = 1, B B' = C, E E' = E; continuous time, where eta H is small",
        ),
    ),
)
