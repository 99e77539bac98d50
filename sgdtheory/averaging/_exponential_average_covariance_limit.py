"""Covariance of an exponential average that is long against the time over which the run forgets.

Reads as: H^-1 C H^-1/m over 2/alpha, the number of iterates that the average holds. The learning rate drops out.

Fails when: alpha is not small against eta lambda_min.
"""

from sgdtheory.averaging._exponential_average_covariance import exponential_average_covariance
from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ij, Sigma_avg_ij, alpha, eta, lambda_i, lambda_j, m, words

exponential_average_covariance_limit = ClosedForm(
    name="averaging.exponential_average_covariance_limit",
    title="covariance of a long exponential average",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_avg_ij,
    value=alpha * C_ij / (2 * m * lambda_i * lambda_j),
    parameters=words(eta, m, alpha, lambda_i, lambda_j, C_ij),
    domain=(
        m > 0,
        lambda_i > 0,
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the weight alpha is small against every eta lambda_i",
    ),
    process=additive_noise,
    observable=exponential_average_covariance.observable,
    points=exponential_average_covariance.points,
    sources=(),
    limit=Limit(exact=exponential_average_covariance, small=alpha),
)
