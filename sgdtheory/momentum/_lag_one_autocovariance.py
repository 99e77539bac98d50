"""Covariance between the stationary run and itself one step later.

Reads as: with momentum a mode remembers more than 1 - eta lambda of its displacement, because it also keeps moving.

Fails when: eta lambda_max reaches 2 (1 + mu), where the mean already diverges.
"""

from sgdtheory.closed_form import ClosedForm, Kind
from sgdtheory.momentum._points import GENERIC
from sgdtheory.processes.additive_noise import additive_noise_with_momentum
from sgdtheory.processes.forms import lagged_products
from sgdtheory.processes.observables import Moment
from sgdtheory.symbols import C_ij, Gamma_1_ij, eta, lambda_i, lambda_j, m, mu, words

lag_one_autocovariance = ClosedForm(
    name="momentum.lag_one_autocovariance",
    title="autocovariance at lag one with momentum, exact",
    kind=Kind.EXACT,
    symbol=Gamma_1_ij,
    value=eta
    * C_ij
    * (1 - mu**2 - eta * (lambda_i - mu * lambda_j))
    / (
        m
        * (1 - mu) ** 2
        * (1 + mu)
        * (
            lambda_i
            + lambda_j
            - eta * lambda_i * lambda_j / (1 + mu)
            + eta * mu * (lambda_i - lambda_j) ** 2 / ((1 - mu) ** 2 * (1 + mu))
        )
    ),
    parameters=words(eta, mu, m, lambda_i, lambda_j, C_ij),
    domain=(
        eta > 0,
        mu < 1,
        m > 0,
        lambda_i > 0,
        eta * lambda_i < 2 * (1 + mu),
    ),
    assumptions=(
        "the Hessian is constant",
        "the gradient noise is independent of the parameters and from step to step",
        "the entry is taken in the eigenbasis of the Hessian",
        "the first index belongs to the later time",
    ),
    process=additive_noise_with_momentum,
    observable=Moment("covariance of the next with the present parameters", lagged_products, lag=lambda point: (1,)),
    points=GENERIC,
    sources=(),
)
