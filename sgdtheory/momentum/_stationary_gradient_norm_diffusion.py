"""Stationary squared gradient norm with momentum at small learning rates: that of plain SGD with the rate eta/(1 - mu).

Reads as: curvature along the noise, times half the effective rate.

Fails when: eta lambda is not small.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.momentum._stationary_gradient_norm import stationary_gradient_norm
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ii, eta, gradient_norm, lambda_i, m, mu, words

stationary_gradient_norm_diffusion = ClosedForm(
    name="momentum.stationary_gradient_norm_diffusion",
    title="stationary squared gradient norm with momentum, small learning rates",
    kind=Kind.ASYMPTOTIC,
    symbol=gradient_norm,
    value=eta * lambda_i * C_ii / (2 * m * (1 - mu)),
    parameters=words(eta, mu, m, lambda_i, C_ii),
    domain=(
        eta > 0,
        mu < 1,
        m > 0,
        lambda_i > 0,
    ),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against every 1/lambda_i",
    ),
    process=additive_noise_with_momentum,
    observable=stationary_gradient_norm.observable,
    points=stationary_gradient_norm.points,
    sources=(),
    limit=Limit(exact=stationary_gradient_norm, small=eta),
)
