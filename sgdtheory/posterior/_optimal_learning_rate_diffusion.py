"""Learning rate at which SGD's stationary law is nearest to the posterior in continuous time, for any Hessian.

Reads as: the rate at which the noise of the batch has the posterior's temperature 1/D, on average over the parameters.

Fails when: m lambda is not small against the mean variance D tr C/d: the exact rate is smaller, so that eta lambda
stays below two.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit, Source
from sgdtheory.posterior._optimal_learning_rate import optimal_learning_rate
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import D, d, eta_kl, m, trC, words

optimal_learning_rate_diffusion = ClosedForm(
    name="posterior.optimal_learning_rate_diffusion",
    title="learning rate nearest to the posterior, diffusion limit",
    kind=Kind.ASYMPTOTIC,
    symbol=eta_kl,
    value=2 * m * d / (D * trC),
    parameters=words(m, D, d, trC),
    domain=(m > 0, D > 0, trC > 0),
    assumptions=(
        "the posterior is Gaussian with covariance (D H)^-1, about the minimum",
        "the gradient noise is Gaussian and independent of the parameters",
        "the rate that comes out is small against every 1/lambda_i; its error is known for equal curvatures",
    ),
    process=additive_noise,
    observable=optimal_learning_rate.observable,
    points=optimal_learning_rate.points,
    sources=(Source("mandt2017", "Theorem 1, eq. (15)", "epsilon = eta, S = m, N = D, D = d, B B' = C"),),
    limit=Limit(exact=optimal_learning_rate, small=m),
)
