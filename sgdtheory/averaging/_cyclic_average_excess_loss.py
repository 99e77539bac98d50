"""Excess loss at the average of T successive ends of a cycle of two learning rates, exact: SWA with a cyclic rate.

Reads as: for many cycles of small rates (eta_1^2 + eta_2^2)/(eta_1 + eta_2)^2 times tr(H^-1 C)/(2 m T). That is least,
one half, for equal rates: going up and down costs precision where the loss is quadratic.

Fails when: the run is not stationary where the first of these cycles ends.
"""

from sgdtheory.averaging._cyclic_covariance import cyclic_covariance
from sgdtheory.averaging._points import CYCLES
from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.looks import window_loss
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import C_ii, C_ij, T, average_excess_loss, eta_1, eta_2, lambda_i, lambda_j, m, words

kept = (1 - eta_1 * lambda_i) * (1 - eta_2 * lambda_i)
variance = cyclic_covariance.value.subs({lambda_j: lambda_i, C_ij: C_ii})

cyclic_average_excess_loss = ClosedForm(
    name="averaging.cyclic_average_excess_loss",
    title="excess loss at the average over ends of a cycle of two learning rates, exact",
    kind=Kind.EXACT,
    symbol=average_excess_loss,
    value=lambda_i
    * variance
    * (1 + 2 * kept / (1 - kept) - 2 * kept * (1 - kept**T) / (T * (1 - kept) ** 2))
    / (2 * T),
    parameters=words(eta_1, eta_2, m, T, lambda_i, C_ii),
    domain=cyclic_covariance.domain,
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "steps of rates eta_1 and eta_2 take turns; the run is stationary, and of its parameters those after steps of"
        " rate eta_2 are averaged, T of them",
    ),
    process=scheduled,
    observable=Moment(
        "training loss at the average of parameters at the ends of successive cycles, above its minimum",
        window_loss,
        lag=lambda point: range(1, int(point["window"])),
        law="window",
    ),
    points=CYCLES,
    sources=(
        Source(
            "izmailov2018", "Section 3.2, w_SWA", "recalled, the text was not at hand; n_models = T, the shortest cycle"
        ),
    ),
)
