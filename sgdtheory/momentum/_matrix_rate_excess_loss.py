"""Stationary excess loss with a matrix learning rate eta P and momentum, exact.

Reads as: with P = H^-1, Newton's method on batches, it is eta (1 + mu) tr(H^-1 C)/(2 m (1 - mu) (2 (1 + mu) - eta)).
Steps that fit the curvature reach the floor sooner and do not lower it: where C = H it then counts the parameters.

Fails when: eta times the largest eigenvalue of P H reaches 2 (1 + mu), where the mean already diverges; when P changes
with the gradients, as in Adam.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.momentum._points import MATRIX_RATE
from sgdtheory.processes.forms import loss
from sgdtheory.processes.matrix_rate import matrix_rate_with_momentum
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ii, eta, excess_loss, lambda_i, m, mu, words

matrix_rate_excess_loss = ClosedForm(
    name="momentum.matrix_rate_excess_loss",
    title="stationary excess loss with a matrix learning rate and momentum, exact",
    kind=Kind.EXACT,
    symbol=excess_loss,
    value=eta * C_ii * (1 + mu) / (2 * m * (1 - mu) * (2 * (1 + mu) - eta * lambda_i)),
    parameters=words(eta, mu, m, lambda_i, C_ii),
    domain=(mu < 1, eta * lambda_i < 2 * (1 + mu)),
    assumptions=(
        "the learning rate is eta P with a symmetric positive P that does not change",
        "lambda_i are the eigenvalues of P^(1/2) H P^(1/2), and C_ii is P^(1/2) C P^(1/2) in its eigenbasis",
        "the Hessian is constant, and the gradient noise independent of the parameters and from step to step",
    ),
    process=matrix_rate_with_momentum,
    observable=Moment("training loss above its minimum, stationary", loss),
    points=MATRIX_RATE,
    sources=(),
)
