"""Covariance where a cycle of two learning rates ends, exact: what stochastic weight averaging with a cyclic rate sees.

Reads as: the noise of the first step is what the second one leaves of it. With small rates the last one counts no more
than the other: (eta_1^2 + eta_2^2)/(eta_1 + eta_2) stands for eta.

Fails when: (1 - eta_1 lambda)(1 - eta_2 lambda) is not below one in size along some mode. One of the rates may be
beyond 2/lambda.
"""

from sgdtheory.averaging._points import CYCLES
from sgdtheory.closed_form import ClosedForm, Kind, Source
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import C_ij, Sigma_c_ij, eta_1, eta_2, lambda_i, lambda_j, m, words

kept_i, kept_j = ((1 - eta_1 * mode) * (1 - eta_2 * mode) for mode in (lambda_i, lambda_j))

cyclic_covariance = ClosedForm(
    name="averaging.cyclic_covariance",
    title="covariance at the end of a cycle of two learning rates, exact",
    kind=Kind.EXACT,
    symbol=Sigma_c_ij,
    value=(eta_2**2 + eta_1**2 * (1 - eta_2 * lambda_i) * (1 - eta_2 * lambda_j)) * C_ij / (m * (1 - kept_i * kept_j)),
    parameters=words(eta_1, eta_2, m, lambda_i, lambda_j, C_ij),
    domain=(eta_1 > 0, eta_2 > 0, m > 0, lambda_i > 0, kept_i < 1, kept_i > -1),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian",
        "steps of rates eta_1 and eta_2 take turns; the run is stationary, and seen after steps of rate eta_2",
    ),
    process=scheduled,
    observable=Moment("covariance of the parameters at the end of a cycle, stationary", products),
    points=CYCLES,
    sources=(
        Source(
            "izmailov2018",
            "Section 3.2, models at the ends of cycles",
            "recalled, the text was not at hand; the shortest cycle",
        ),
    ),
)
