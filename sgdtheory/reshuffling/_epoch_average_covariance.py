"""Covariance of SGD on shuffled epochs, averaged over the steps of an epoch, stationary and exact.

Reads as: a look at a step drawn at random sees a spread of second order in the learning rate: more than at the ends of
the epochs, less than with independent batches, as long as eta lambda M is small.

Fails when: eta lambda_max reaches 2; when the last batch of an epoch is smaller; when samples differ in curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._points import GENERIC
from sgdtheory.symbols import C_ij, D, M, Sigma_bar_ij, eta, lambda_i, lambda_j, words

A, B = (1 - eta * lambda_i) ** M, (1 - eta * lambda_j) ** M
decay = lambda_i + lambda_j - eta * lambda_i * lambda_j
epoch_average_covariance = ClosedForm(
    name="reshuffling.epoch_average_covariance",
    title="covariance averaged over an epoch, exact",
    kind=Kind.EXACT,
    symbol=Sigma_bar_ij,
    value=C_ij
    / (D - 1)
    * (
        eta * M / decay
        - 1 / (lambda_i * lambda_j)
        + ((1 - eta * lambda_i) * (1 - A) / lambda_i**2 + (1 - eta * lambda_j) * (1 - B) / lambda_j**2)
        / (eta * M * decay)
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
        "the entry is taken in the eigenbasis of the Hessian; the M batches of an epoch count alike",
    ),
    process=sampled_quadratics,
    observable=Moment(
        "covariance of the parameters averaged over an epoch, stationary", products, epoch="batches_per_epoch"
    ),
    points=GENERIC,
    sources=(),
)
