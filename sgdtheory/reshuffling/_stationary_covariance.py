"""Covariance of SGD on shuffled epochs, at the end of an epoch, stationary and exact.

Reads as: what a batch adds, the rest of its epoch takes away again. At a small learning rate almost nothing is left:
the value is of third order in it, where independent batches leave one of first order.

Fails when: eta lambda_max reaches 2; when the last batch of an epoch is smaller; when samples differ in curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._points import GENERIC
from sgdtheory.symbols import C_ij, D, M, Sigma_ij, eta, lambda_i, lambda_j, words

A, B = (1 - eta * lambda_i) ** M, (1 - eta * lambda_j) ** M
stationary_covariance = ClosedForm(
    name="reshuffling.stationary_covariance",
    title="covariance at the end of an epoch, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ij,
    value=C_ij
    / (D - 1)
    * (
        eta * M / (lambda_i + lambda_j - eta * lambda_i * lambda_j)
        - (1 - A) * (1 - B) / (lambda_i * lambda_j * (1 - A * B))
    ),
    parameters=words(eta, D, M, lambda_i, lambda_j, C_ij),
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
        "the entry is taken in the eigenbasis of the Hessian, at the end of an epoch",
    ),
    process=sampled_quadratics,
    observable=Moment("covariance of the parameters at the end of an epoch, stationary", products),
    points=GENERIC,
    sources=(),
)
