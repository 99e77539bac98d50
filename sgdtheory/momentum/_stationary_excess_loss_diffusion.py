"""Stationary excess loss with momentum at small learning rates: that of plain SGD with the effective rate eta/(1 - mu).

Reads as: a larger momentum costs as much loss as a larger learning rate.

Fails when: eta lambda is not small.
"""

from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.momentum._stationary_excess_loss import stationary_excess_loss
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.symbols import C_ii, eta, excess_loss, lambda_i, m, mu, words

stationary_excess_loss_diffusion = ClosedForm(
    name="momentum.stationary_excess_loss_diffusion",
    title="stationary excess loss with momentum, small learning rates",
    kind=Kind.ASYMPTOTIC,
    symbol=excess_loss,
    value=eta * C_ii / (4 * m * (1 - mu)),
    parameters=words(eta, mu, m, lambda_i, C_ii),
    domain=(
        eta > 0,
        mu < 1,
        m > 0,
    ),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the learning rate is small against every 1/lambda_i",
    ),
    process=additive_noise_with_momentum,
    observable=stationary_excess_loss.observable,
    points=stationary_excess_loss.points,
    sources=(),
    limit=Limit(exact=stationary_excess_loss, small=eta),
)
