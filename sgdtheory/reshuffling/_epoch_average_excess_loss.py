"""Excess training loss of SGD on shuffled epochs, averaged over the steps of an epoch, stationary and exact.

Reads as: the noise floor of a training curve that is drawn at each step and smoothed over epochs.

Fails when: eta lambda_max reaches 2; when the last batch of an epoch is smaller; when samples differ in curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import loss
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._points import GENERIC
from sgdtheory.symbols import C_ii, D, M, eta, excess_loss, lambda_i, words

A = (1 - eta * lambda_i) ** M
epoch_average_excess_loss = ClosedForm(
    name="reshuffling.epoch_average_excess_loss",
    title="excess loss averaged over an epoch, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=C_ii
    / (2 * (D - 1))
    * (
        eta * M / (2 - eta * lambda_i)
        - 1 / lambda_i
        + 2 * (1 - eta * lambda_i) * (1 - A) / (eta * M * lambda_i**2 * (2 - eta * lambda_i))
    ),
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
        "the M batches of an epoch count alike",
    ),
    process=sampled_quadratics,
    observable=Moment(
        "training loss above its minimum averaged over an epoch, stationary", loss, epoch="batches_per_epoch"
    ),
    points=GENERIC,
    sources=(),
)
