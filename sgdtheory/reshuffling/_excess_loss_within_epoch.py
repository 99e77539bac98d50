"""Excess training loss of SGD on shuffled epochs after r batches of an epoch, stationary and exact.

Reads as: with the same samples in each epoch the loss has the period of the epoch. Where eta lambda is below one it is
lowest at the ends; a mode that overshoots is lowest after the first batch of an epoch.

Fails when: eta lambda_max reaches 2; when the last batch of an epoch is smaller; when samples differ in curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import loss
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._points import GENERIC
from sgdtheory.symbols import C_ii, D, M, eta, excess_loss, lambda_i, r, words

A = (1 - eta * lambda_i) ** M
a = (1 - eta * lambda_i) ** r
excess_loss_within_epoch = ClosedForm(
    name="reshuffling.excess_loss_within_epoch",
    title="excess loss after r batches of an epoch, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=C_ii
    / (2 * (D - 1))
    * (eta * M / (2 - eta * lambda_i) - ((1 - a) ** 2 + a**2 * (1 - A) / (1 + A)) / lambda_i),
    parameters=words(eta, D, M, lambda_i, C_ii, r),
    domain=(
        lambda_i > 0,
        eta * lambda_i < 2,
        D > 1,
        M >= 1,
        M <= D,
        r <= M,
    ),
    assumptions=(
        "all samples share one Hessian; their gradients at its minimum have the covariance C, with the divisor D",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
    ),
    process=sampled_quadratics,
    observable=Moment("training loss above its minimum within an epoch, stationary", loss, phase="phase"),
    points=GENERIC,
    sources=(),
)
