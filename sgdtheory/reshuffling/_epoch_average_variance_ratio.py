"""Variance averaged over a shuffled epoch, over that with fresh batches of the same size, exact.

Reads as: at the steps of an epoch, too, the spread is not that of independent batches: it is smaller by the factor
eta lambda (M + 1)/3 where this is small.

Fails when: eta lambda_max reaches 2; when samples differ in curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.processes.variance_ratio import VarianceRatio
from sgdtheory.reshuffling._points import GENERIC
from sgdtheory.symbols import M, eta, lambda_i, rho_i, words

A = (1 - eta * lambda_i) ** M
x = eta * lambda_i
epoch_average_variance_ratio = ClosedForm(
    name="reshuffling.epoch_average_variance_ratio",
    title="variance averaged over an epoch over that with fresh batches, exact",
    kind=Kind.EXACT,
    symbol=rho_i,
    value=(M - (2 - x) / x + 2 * (1 - x) * (1 - A) / (M * x**2)) / (M - 1),
    parameters=words(eta, M, lambda_i),
    domain=(
        lambda_i > 0,
        eta * lambda_i < 2,
        M > 1,
    ),
    assumptions=(
        "all samples share one Hessian; their gradients at its minimum have the covariance C, with the divisor D",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
        "fresh batches are subsets of the data, drawn anew at each step",
    ),
    process=sampled_quadratics,
    observable=VarianceRatio("variance averaged over an epoch over that with fresh batches", averaged=True),
    points=GENERIC,
    sources=(),
)
