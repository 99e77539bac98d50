"""Variance at the end of a shuffled epoch over that with fresh batches of the same size, exact.

Reads as: it depends on nothing but eta lambda and the number of batches M. Two batches an epoch already bring it to
(eta lambda)^2/(2 - 2 eta lambda + (eta lambda)^2); as M grows it tends to one, slowly.

Fails when: eta lambda_max reaches 2; when samples differ in curvature. Fresh batches with replacement have another
noise: the ratio is then to be multiplied by (D - m)/(D - 1).
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.processes.variance_ratio import VarianceRatio
from sgdtheory.reshuffling._points import GENERIC
from sgdtheory.symbols import M, eta, lambda_i, rho_i, words

A = (1 - eta * lambda_i) ** M
variance_ratio = ClosedForm(
    name="reshuffling.variance_ratio",
    title="variance at the end of an epoch over that with fresh batches, exact",
    kind=Kind.EXACT,
    symbol=rho_i,
    value=(M - (2 - eta * lambda_i) * (1 - A) / (eta * lambda_i * (1 + A))) / (M - 1),
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
    observable=VarianceRatio("variance at the end of an epoch over that with fresh batches"),
    points=GENERIC,
    sources=(),
)
