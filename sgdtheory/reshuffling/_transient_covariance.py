"""Covariance after t batches of the first shuffled epoch, from a fixed start, exact.

Reads as: a bridge over the first epoch; without curvature it would come back to nothing at its end, where every run
has seen the same samples.

Fails when: t goes beyond the first epoch; when lambda_i + lambda_j = eta lambda_i lambda_j, where the value is 0/0.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.sampled_quadratics import sampled_quadratics
from sgdtheory.reshuffling._points import GENERIC
from sgdtheory.symbols import C_ij, D, M, Sigma_t_ij, eta, lambda_i, lambda_j, t, words

a, b = (1 - eta * lambda_i) ** t, (1 - eta * lambda_j) ** t
transient_covariance = ClosedForm(
    name="reshuffling.transient_covariance",
    title="covariance in the first epoch, exact",
    kind=Kind.EXACT,
    symbol=Sigma_t_ij,
    value=C_ij
    / (D - 1)
    * (
        eta * M * (1 - a * b) / (lambda_i + lambda_j - eta * lambda_i * lambda_j)
        - (1 - a) * (1 - b) / (lambda_i * lambda_j)
    ),
    parameters=words(eta, D, M, lambda_i, lambda_j, C_ij, t),
    domain=(
        lambda_i > 0,
        sp.Ne(lambda_i + lambda_j, eta * lambda_i * lambda_j),
        D > 1,
        M >= 1,
        M <= D,
        t >= 0,
        t <= M,
    ),
    assumptions=(
        "all samples share one Hessian; their gradients at its minimum have the covariance C, with the divisor D",
        "each epoch is a fresh permutation of the data, cut into M batches of the same size",
        "every run starts from the same point",
    ),
    process=sampled_quadratics,
    observable=Moment("covariance of the parameters after t batches of the first epoch", products, time="steps"),
    points=GENERIC,
    sources=(),
)
