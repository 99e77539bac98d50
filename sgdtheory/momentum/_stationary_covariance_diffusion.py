"""Stationary covariance with momentum at small learning rates: plain SGD with the effective rate eta/(1 - mu).

Reads as: only eta/((1 - mu) m) matters. Off the diagonal the limit comes late: with momentum 0.9 it needs eta
(lambda_i - lambda_j)^2 well below (lambda_i + lambda_j)/50.

Fails when: eta lambda is not small against 1 - mu.
"""

from sgdtheory.closed_form import ClosedForm, Erratum, Kind, Limit, Source
from sgdtheory.momentum._stationary_covariance import stationary_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ij, Sigma_ij, eta, lambda_i, lambda_j, m, mu, words

stationary_covariance_diffusion = ClosedForm(
    name="momentum.stationary_covariance_diffusion",
    title="stationary covariance with momentum, small learning rates",
    kind=Kind.ASYMPTOTIC,
    symbol=Sigma_ij,
    value=eta * C_ij / (m * (1 - mu) * (lambda_i + lambda_j)),
    parameters=words(eta, mu, m, lambda_i, lambda_j, C_ij),
    domain=(
        eta > 0,
        mu < 1,
        m > 0,
        lambda_i > 0,
    ),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against every (1 - mu)/lambda_i",
    ),
    process=additive_noise_with_momentum,
    observable=stationary_covariance.observable,
    points=stationary_covariance.points,
    sources=(
        Source(
            "mandt2017", "eq. (25), at a fixed damping", "their mu is 1 - mu; epsilon = eta, S = m, A = H, B B' = C"
        ),
    ),
    errata=(
        Erratum(
            Source(
                "wangwu2020",
                "Remark 10, on momentum, at alpha = 0",
                "gamma = 1 - beta eta is mu, A = H, S = C; dX = -(grad g + beta X) dt - (eta/m)^(1/2) sigma dB",
            ),
            printed=eta * C_ij / (m * (lambda_i + lambda_j + 2 * (1 - mu) / eta)),
            says="the recursion x' = gamma x - eta grad, called momentum there, carries no velocity: it is weight"
            " decay, and its equation, right for that, is not that of momentum",
        ),
    ),
    limit=Limit(exact=stationary_covariance, small=eta),
)
