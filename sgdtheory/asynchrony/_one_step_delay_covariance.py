"""Stationary covariance of SGD whose gradients are one step old, exact.

Reads as: one step of delay makes the denominator of plain SGD, lambda_i + lambda_j - eta lambda_i lambda_j, smaller by
2 eta lambda_i lambda_j to leading order: noise is forgotten more slowly, and at eta lambda = 1 the mean diverges.

Fails when: samples differ in their curvature: the noise then grows with the parameters' spread, and a larger variance
and a smaller limit come out; ``stationary_law`` of an ``SGD`` with a delay knows them.
"""

from sgdtheory.asynchrony._points import ONE_STEP
from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.processes.old_parameters import delayed_gradient
from sgdtheory.symbols import C_ij, Sigma_ij, eta, lambda_i, lambda_j, m, words

one_step_delay_covariance = ClosedForm(
    name="asynchrony.one_step_delay_covariance",
    title="stationary covariance with gradients one step old, exact",
    kind=Kind.EXACT,
    symbol=Sigma_ij,
    value=eta
    * C_ij
    * (1 - eta**2 * lambda_i * lambda_j)
    / (m * (lambda_i + lambda_j - 3 * eta * lambda_i * lambda_j + eta**3 * lambda_i**2 * lambda_j**2)),
    parameters=words(eta, m, lambda_i, lambda_j, C_ij),
    domain=(eta > 0, m > 0, lambda_i > 0, lambda_j > 0, eta * lambda_i < 1, eta * lambda_j < 1),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "the gradient is taken at the parameters of one step ago",
    ),
    process=delayed_gradient,
    observable=Moment("covariance of the parameters, stationary", products),
    points=ONE_STEP,
    sources=(),
)
