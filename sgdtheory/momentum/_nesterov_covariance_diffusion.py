"""Stationary covariance with Nesterov momentum at small learning rates: plain SGD with the rate eta/(1 - mu).

Reads as: to leading order looking ahead changes nothing.

Fails when: eta lambda is not small against 1 - mu.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.momentum._nesterov_covariance import nesterov_covariance
from sgdtheory.processes.additive_noise import additive_noise_with_nesterov
from sgdtheory.symbols import C_ij, Sigma_ij, eta, lambda_i, lambda_j, m, mu, words

nesterov_covariance_diffusion = ClosedForm(
    name="momentum.nesterov_covariance_diffusion",
    title="stationary covariance with Nesterov momentum, small learning rates",
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
    process=additive_noise_with_nesterov,
    observable=nesterov_covariance.observable,
    points=nesterov_covariance.points,
    sources=(),
    limit=Limit(exact=nesterov_covariance, small=eta),
)
