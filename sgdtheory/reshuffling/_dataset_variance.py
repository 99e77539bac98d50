"""Variance about the mean of its data on shuffled epochs, at the end of an epoch, one dimension, exact.

Reads as: with fresh batches and the same rate, quadratic.dataset_variance, M - 1 stands for M in the first term and the
second is not there. To leading order the two
terms cancel.

Fails when: eta lambda reaches 2; when the last batch of an epoch is smaller; when samples differ in curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._points import SCALAR
from sgdtheory.symbols import D, M, eta, lambda_, s2, variance, words

A = (1 - eta * lambda_) ** M
dataset_variance = ClosedForm(
    name="reshuffling.dataset_variance",
    title="variance about the data mean, shuffled epochs",
    kind=Kind.EXACT,
    symbol=variance,
    value=s2 / D * (eta * lambda_ * M / (2 - eta * lambda_) - (1 - A) / (1 + A)),
    parameters=words(eta, D, M, lambda_, s2),
    domain=(
        lambda_ > 0,
        eta * lambda_ < 2,
        D > 1,
        M >= 1,
        M <= D,
    ),
    assumptions=(
        "all samples share one Hessian; their gradients at its minimum have the covariance C, with the divisor D",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
        "one dimension; s^2 has the divisor D - 1",
    ),
    process=sampled_quadratics,
    observable=Moment("variance about the mean of the data at the end of an epoch, stationary", products),
    points=SCALAR,
    sources=(),
)
