"""Covariance between the end of a shuffled epoch and a step k batches later, stationary and exact.

Reads as: the later epochs know nothing of the end, so that its displacement decays as the mean does.

Fails when: the earlier look lies within an epoch: what is left of the epoch then pulls the run back.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import lagged_products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._points import LAGGED
from sgdtheory.symbols import C_ij, D, Gamma_ij, M, eta, k, lambda_i, lambda_j, words

A, B = (1 - eta * lambda_i) ** M, (1 - eta * lambda_j) ** M
autocovariance = ClosedForm(
    name="reshuffling.autocovariance",
    title="lagged autocovariance from the end of an epoch, exact",
    kind=Kind.EXACT,
    symbol=Gamma_ij,
    value=(1 - eta * lambda_i) ** k
    * C_ij
    / (D - 1)
    * (
        eta * M / (lambda_i + lambda_j - eta * lambda_i * lambda_j)
        - (1 - A) * (1 - B) / (lambda_i * lambda_j * (1 - A * B))
    ),
    parameters=words(eta, D, M, lambda_i, lambda_j, C_ij, k),
    domain=(
        lambda_i > 0,
        eta * lambda_i < 2,
        D > 1,
        M >= 1,
        M <= D,
        k >= 0,
    ),
    assumptions=(
        "all samples share one Hessian; their gradients at its minimum have the covariance C, with the divisor D",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
        "the first index belongs to the later time; the earlier one is the end of an epoch",
    ),
    process=sampled_quadratics,
    observable=Moment("covariance of later parameters with those at the end of an epoch", lagged_products, lag="lag"),
    points=LAGGED,
    sources=(),
)
