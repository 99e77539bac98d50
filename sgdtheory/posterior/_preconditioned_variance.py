"""Variance along each mode with the preconditioner (2 m/eta) (D C + m H)^-1: that of the posterior, for any noise.

Reads as: this matrix, from which eta cancels, samples the posterior exactly by steps that are not small; batch size and
noise have left the variance.

Fails when: the noise varies with the parameters, as it does where samples differ in their curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.posterior._points import MATCHED
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.preconditioned import mode_squares, preconditioned
from sgdtheory.symbols import D, Sigma_ii, lambda_i, words

preconditioned_variance = ClosedForm(
    name="posterior.preconditioned_variance",
    title="variance with the preconditioner that samples the posterior, any noise, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ii,
    value=1 / (D * lambda_i),
    parameters=words(D, lambda_i),
    domain=(D > 0, lambda_i > 0),
    assumptions=(
        "the gradient noise has any covariance C/m and is independent of the parameters",
        "the preconditioner is P = (2 m/eta) (D C + m H)^-1, the same for any learning rate eta but for a factor",
        "modes are not correlated with one another",
    ),
    process=preconditioned,
    observable=Moment("variance of the parameters along each eigenvector, stationary", mode_squares),
    points=MATCHED,
    sources=(
        Source(
            "mandt2017",
            "Theorem 2 and Corollary 4, P = (2 m/(eta D)) C^-1",
            "H = eta P, S = m, N = D, B B' = C; continuous time, where m H is small against D C",
        ),
    ),
)
