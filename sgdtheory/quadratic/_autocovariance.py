"""Covariance between the stationary run and itself k steps later.

Reads as: memory along mode i decays like the mean does; where curvatures differ the matrix is not symmetric.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.processes.additive_noise import additive_noise
from sgdtheory.processes.forms import lagged_products
from sgdtheory.processes.observables import Moment
from sgdtheory.quadratic._points import GENERIC
from sgdtheory.symbols import C_ij, Gamma_ij, eta, k, lambda_i, lambda_j, m, words

autocovariance = ClosedForm(
    name="quadratic.autocovariance",
    title="lagged autocovariance, stationary, exact",
    kind=Kind.EXACT,
    symbol=Gamma_ij,
    value=(1 - eta * lambda_i) ** k * eta * C_ij / (m * (lambda_i + lambda_j - eta * lambda_i * lambda_j)),
    parameters=words(eta, m, lambda_i, lambda_j, C_ij, k),
    domain=(eta > 0, m > 0, lambda_i > 0, eta * lambda_i < 2, k >= 0),
    assumptions=(
        "the Hessian is constant and the noise independent of the parameters and from step to step",
        "the first index belongs to the later time",
    ),
    process=additive_noise,
    observable=Moment("covariance of the later with the earlier parameters", lagged_products, lag="lag"),
    points=GENERIC,
    sources=(),
)
