"""Covariance after t steps of the learning rates b/1, b/2, ..., b/t of Robbins and Monro, exact; eta_t = b/t.

Reads as: each step leaves (b/k)^2 C/m, which the steps after it shrink: b^2 C_ij/m times FallingRatesSum(b lambda_i,
b lambda_j, t). It stands for the sum over k = 1 ... t of 1/k^2 times the product over s = k + 1 ... t of
(1 - b lambda_i/s)(1 - b lambda_j/s). With one curvature and b = 1/lambda it is C/(m lambda^2 t), that of the mean of t
batches' minima.

Fails when: the noise depends on the parameters. Where b lambda is large it soon does: about as many steps as b lambda
overshoot, and what they multiply only later ones shrink.
"""

from sgdtheory.algebra.falling_rates_sum import FallingRatesSum
from sgdtheory.averaging._falling_points import FALLING_FAST, FALLING_IN_TWO_MODES
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.scheduled import scheduled
from sgdtheory.symbols import C_ij, Sigma_t_ij, eta_t, lambda_i, lambda_j, m, t, words

constant = eta_t * t

falling_rates_covariance = ClosedForm(
    name="averaging.falling_rates_covariance",
    title="covariance with learning rates b/t, exact",
    kind=Kind.EXACT,
    symbol=Sigma_t_ij,
    value=constant**2 * C_ij / m * FallingRatesSum(constant * lambda_i, constant * lambda_j, t),
    parameters=words(eta_t, m, t, lambda_i, lambda_j, C_ij),
    domain=(eta_t > 0, m > 0, lambda_i > 0, t >= 1),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian",
        "step k has the rate t eta_t/k, so that the last of t steps has the rate eta_t; the start is fixed",
    ),
    process=scheduled,
    observable=Moment("covariance of the parameters after the schedule", products, time=1),
    points=FALLING_IN_TWO_MODES + FALLING_FAST,
    sources=(),
)
