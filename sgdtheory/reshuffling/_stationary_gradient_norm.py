"""Squared norm of the full gradient at the end of a shuffled epoch, stationary and exact.

Reads as: shuffled epochs come to rest, at their ends, far closer to the minimum than their batches' noise suggests.

Fails when: eta lambda_max reaches 2; when the last batch of an epoch is smaller; when samples differ in curvature.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import gradient_norm as gradient_norm_form
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._points import GENERIC
from sgdtheory.symbols import C_ii, D, M, eta, gradient_norm, lambda_i, words

A = (1 - eta * lambda_i) ** M
stationary_gradient_norm = ClosedForm(
    name="reshuffling.stationary_gradient_norm",
    title="squared gradient norm at the end of an epoch, exact",
    kind=Kind.EXACT,
    symbol=gradient_norm,
    value=C_ii / (D - 1) * (eta * M * lambda_i / (2 - eta * lambda_i) - (1 - A) / (1 + A)),
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
    observable=Moment("squared norm of the full gradient at the end of an epoch, stationary", gradient_norm_form),
    points=GENERIC,
    sources=(),
)
