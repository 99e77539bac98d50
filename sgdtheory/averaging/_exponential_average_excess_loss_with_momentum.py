"""Stationary excess loss at an exponential average of the iterates of SGD with momentum.

Reads as: at the same effective rate the average is nearly as good as without momentum, as both are filters of the
same noise and share their limit.

Fails when: eta lambda_max reaches 2 (1 + mu), where the mean already diverges, or before the average has forgotten
its start.
"""

from sgdtheory.averaging._points import GENERIC
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.looks import average_loss
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, alpha, average_excess_loss, eta, lambda_i, m, mu, words

exponential_average_excess_loss_with_momentum = ClosedForm(
    name="averaging.exponential_average_excess_loss_with_momentum",
    title="excess loss at an exponential average with momentum, exact",
    kind=Kind.EXACT,
    symbol=average_excess_loss,
    value=eta
    * alpha
    * C_ii
    * ((1 + mu) * (2 - alpha) * (1 - (1 - alpha) * mu) - (1 - alpha) * (1 - mu) * eta * lambda_i)
    / (
        2
        * m
        * (2 - alpha)
        * (1 - mu)
        * (2 * (1 + mu) - eta * lambda_i)
        * (alpha * (1 - (1 - alpha) * mu) + (1 - alpha) * eta * lambda_i)
    ),
    parameters=words(eta, mu, m, alpha, lambda_i, C_ii),
    domain=(
        eta > 0,
        mu < 1,
        m > 0,
        lambda_i > 0,
        eta * lambda_i < 2 * (1 + mu),
        alpha <= 1,
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the average takes in each new iterate with the weight alpha, and has settled",
    ),
    process=additive_noise_with_momentum,
    observable=Moment(
        "training loss at an exponential average above its minimum", average_loss, averaging="averaging_decay"
    ),
    points=GENERIC,
    sources=(),
)
