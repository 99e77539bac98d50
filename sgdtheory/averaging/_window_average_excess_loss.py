"""Excess loss at the average of T successive iterates, exact for any window and any learning rate.

Reads as: tr(H^-1 C)/(2 m T), less what the ends of the window leave out.

Fails when: the run is not stationary where the window begins.
"""

from sgdtheory.averaging._points import GENERIC
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.looks import window_loss
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, T, average_excess_loss, eta, lambda_i, m, words

window_average_excess_loss = ClosedForm(
    name="averaging.window_average_excess_loss",
    title="excess loss at the average over a window, exact",
    kind=Kind.EXACT,
    symbol=average_excess_loss,
    value=C_ii / (2 * m * T * lambda_i)
    - C_ii
    * (1 - eta * lambda_i)
    * (1 - (1 - eta * lambda_i) ** T)
    / (m * T**2 * eta * lambda_i**2 * (2 - eta * lambda_i)),
    parameters=words(eta, m, T, lambda_i, C_ii),
    domain=(
        eta > 0,
        m > 0,
        lambda_i > 0,
        eta * lambda_i < 2,
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the run is stationary where the window of T iterates begins",
    ),
    process=additive_noise,
    observable=Moment(
        "training loss at the average of a window of parameters, above its minimum",
        window_loss,
        lag=lambda point: range(1, int(point["window"])),
        law="window",
    ),
    points=GENERIC,
    sources=(),
)
