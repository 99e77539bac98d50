"""Excess loss at the average over a window that is long against the time over which the run forgets.

Reads as: tr(H^-1 C)/(2 m T): learning rate and momentum drop out, the flattest modes dominate.

Fails when: T eta lambda_min is not large.
"""

from sgdtheory.averaging._window_average_excess_loss import window_average_excess_loss
from sgdtheory.closed_form import ClosedForm, Kind, Limit
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.symbols import C_ii, T, average_excess_loss, eta, lambda_i, m, words

long_average_excess_loss = ClosedForm(
    name="averaging.long_average_excess_loss",
    title="excess loss at a long average",
    kind=Kind.ASYMPTOTIC,
    symbol=average_excess_loss,
    value=C_ii / (2 * m * T * lambda_i),
    parameters=words(eta, m, T, lambda_i, C_ii),
    domain=(
        m > 0,
        lambda_i > 0,
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the window T is long against every 1/(eta lambda_i); the error is found along eta^2 T = constant",
    ),
    process=additive_noise,
    observable=window_average_excess_loss.observable,
    points=window_average_excess_loss.points,
    sources=(),
    limit=Limit(exact=window_average_excess_loss, small=eta, scaling={"window": -2}),
)
