"""Covariance of the parameters after t steps from a fixed start, exact.

Reads as: the stationary covariance is approached at twice the rate of the mean.

Fails when: lambda_i + lambda_j = eta lambda_i lambda_j, which for i = j is eta lambda_i = 2: the value is 0/0, and
its limit eta^2 C_ij t/m holds.
"""

import sympy as sp

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.forms import products
from sgdtheory.processes.observables import Moment
from sgdtheory.quadratic._points import GENERIC
from sgdtheory.symbols import C_ij, Sigma_t_ij, eta, lambda_i, lambda_j, m, t, words

transient_covariance = ClosedForm(
    name="quadratic.transient_covariance",
    title="covariance after t steps, exact",
    kind=Kind.EXACT,
    symbol=Sigma_t_ij,
    value=eta
    * C_ij
    * (1 - ((1 - eta * lambda_i) * (1 - eta * lambda_j)) ** t)
    / (m * (lambda_i + lambda_j - eta * lambda_i * lambda_j)),
    parameters=words(eta, m, lambda_i, lambda_j, C_ij, t),
    # Unstable rates are inside.
    domain=(eta > 0, m > 0, lambda_i > 0, sp.Ne(lambda_i + lambda_j, eta * lambda_i * lambda_j), t >= 0),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters",
        "every run starts from the same point",
    ),
    process=additive_noise,
    observable=Moment("covariance of the parameters after t steps", products, time="steps"),
    points=GENERIC,
    sources=(),
)
