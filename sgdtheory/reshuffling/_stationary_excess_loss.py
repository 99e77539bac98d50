"""Excess training loss of SGD on shuffled epochs at the end of an epoch, stationary and exact.

Reads as: a training curve that is drawn once an epoch lies far below one drawn at each step. Where eta lambda M is
small it is down by the factor (eta lambda M)^2/12 against fresh batches.

Fails when: eta lambda_max reaches 2; when the last batch of an epoch is smaller; when samples differ in curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import loss
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._points import GENERIC
from sgdtheory.symbols import C_ii, D, M, eta, excess_loss, lambda_i, words

A = (1 - eta * lambda_i) ** M
stationary_excess_loss = ClosedForm(
    name="reshuffling.stationary_excess_loss",
    title="excess loss at the end of an epoch, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=C_ii / (2 * (D - 1)) * (eta * M / (2 - eta * lambda_i) - (1 - A) / (lambda_i * (1 + A))),
    parameters=words(eta, D, M, lambda_i, C_ii),
    domain=(
        lambda_i > 0,
        eta * lambda_i < 2,
        D > 1,
        M >= 1,
        M <= D,
    ),
    assumptions=(
        "all samples share one Hessian; their gradients at its minimum have the covariance C, with the divisor D",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
    ),
    process=sampled_quadratics,
    observable=Moment("training loss above its minimum at the end of an epoch, stationary", loss),
    points=GENERIC,
    sources=(),
)
