"""Learning rate before a given preconditioner at which the law is nearest to the posterior, in continuous time.

Reads as: the rate at which the noise of the batch has the posterior's temperature on average, in the coordinates in
which the preconditioner is the identity. For AdaGrad's P = diag(C)^(-1/2) it is 2 m d/(D sum_k C_kk^(1/2)).

Fails when: m lambda_P is not small against the mean variance D tr(C P)/d.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.posterior._preconditioned_learning_rate import preconditioned_learning_rate
from sgdtheory.processes.preconditioned import preconditioned
from sgdtheory.symbols import D, d, eta_kl, m, trCP, words

preconditioned_learning_rate_diffusion = ClosedForm(
    name="posterior.preconditioned_learning_rate_diffusion",
    title="learning rate nearest to the posterior before a given preconditioner, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=eta_kl,
    value=2 * m * d / (D * trCP),
    parameters=words(m, D, d, trCP),
    domain=(m > 0, D > 0, trCP > 0),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "the gradient noise is Gaussian and independent of the parameters",
        "the rate that comes out is small against every 1/eigenvalue of P H; its error is known where these are equal",
    ),
    process=preconditioned,
    observable=preconditioned_learning_rate.observable,
    points=preconditioned_learning_rate.points,
    sources=(
        Source(
            "mandt2017",
            "Theorem 7, eq. (47), with P = G^-1, G = diag(C)^(1/2)",
            "epsilon = eta, S = m, N = D, D = d, B B' = C",
        ),
        Source(
            "mandt2017",
            "Corollary 6, the scalar preconditioner",
            "P = 1 and C/m + E/eta for the covariance of the noise",
        ),
    ),
    limit=Limit(exact=preconditioned_learning_rate, small=m),
)
