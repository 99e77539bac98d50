"""Covariance of SGD on shuffled epochs after r batches of an epoch, stationary and exact.

Reads as: along modes with eta lambda below one the spread rises from its value at the end of an epoch and falls back to
it, like a bridge; a mode that overshoots falls below it first. Independent batches have no such period.

Fails when: eta lambda_max reaches 2; when the last batch of an epoch is smaller; when samples differ in curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._points import GENERIC
from sgdtheory.symbols import C_ij, D, M, Sigma_r_ij, eta, lambda_i, lambda_j, r, words

A, B = (1 - eta * lambda_i) ** M, (1 - eta * lambda_j) ** M
a, b = (1 - eta * lambda_i) ** r, (1 - eta * lambda_j) ** r
covariance_within_epoch = ClosedForm(
    name="reshuffling.covariance_within_epoch",
    title="covariance after r batches of an epoch, exact",
    kind=Kind.EXACT,
    symbol=Sigma_r_ij,
    value=C_ij
    / (D - 1)
    * (
        eta * M / (lambda_i + lambda_j - eta * lambda_i * lambda_j)
        - ((1 - a) * (1 - b) + a * b * (1 - A) * (1 - B) / (1 - A * B)) / (lambda_i * lambda_j)
    ),
    parameters=words(eta, D, M, lambda_i, lambda_j, C_ij, r),
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
        "the entry is taken in the eigenbasis of the Hessian, r batches after an epoch began",
    ),
    process=sampled_quadratics,
    observable=Moment("covariance of the parameters within an epoch, stationary", products, phase="phase"),
    points=GENERIC,
    sources=(),
)
