"""Stationary excess loss at an exponential average of the iterates.

Reads as: along flat modes, where eta lambda is far below alpha, averaging gains nothing: the average moves with the
run. A mode with eta lambda = 1 is divided by (2 - alpha)/alpha, and one near the stability limit up to the square of
that.

Fails when: eta lambda_max reaches 2, where the mean already diverges, or before the average has forgotten its start,
which takes 1/alpha steps.
"""

from sgdtheory.averaging._points import GENERIC
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.looks import average_loss
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, alpha, average_excess_loss, eta, lambda_i, m, words

exponential_average_excess_loss = ClosedForm(
    name="averaging.exponential_average_excess_loss",
    title="excess loss at an exponential average, exact",
    kind=Kind.EXACT,
    symbol=average_excess_loss,
    value=eta
    * alpha
    * C_ii
    * (1 + (1 - alpha) * (1 - eta * lambda_i))
    / (2 * m * (2 - alpha) * (2 - eta * lambda_i) * (alpha + (1 - alpha) * eta * lambda_i)),
    parameters=words(eta, m, alpha, lambda_i, C_ii),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        eta * lambda_i < 2,
        alpha <= 1,
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the average takes in each new iterate with the weight alpha, and has settled",
    ),
    process=additive_noise,
    observable=Moment(
        "training loss at an exponential average above its minimum", average_loss, averaging="averaging_decay"
    ),
    points=GENERIC,
    sources=(),
)
